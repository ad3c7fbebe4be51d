extension DiagnosticCode {
  /// What can be wrong with a line that begins with `:`, and with what this version does not evaluate.
  static let commands: [DiagnosticCode] = [
    DiagnosticCode(
      "E0801", "a command that reads two ways",
      "Commands can be shortened to any beginning that only one of them has. This one begins several.",
      [Example(":h", ":help"), Example(":su net", ":summary net")]),
    DiagnosticCode(
      "E0802", "no such command", "A line that begins with : is a command. :help lists them all at its end.",
      [Example(":help"), Example(":vars")]),
    DiagnosticCode(
      "E0803", "no help on a word", "Help knows built-ins, layers, commands, themes, and a few words such as typing.",
      [Example(":help relu"), Example(":help layers", "a theme"), Example("?Dense", "the same as :help Dense")]),
    DiagnosticCode(
      "E0804", "a command without what it needs", "The command wants a name, a line or a file behind it.",
      [Example(":summary net"), Example(":time randn(300, 300) @ randn(300, 300)")]),
    DiagnosticCode(
      "E0805", "no such setting, or not such a value", "A setting is a word and a value; :set alone lists them.",
      [Example(":set"), Example(":set precision f32"), Example(":set digits 8")]),
    DiagnosticCode(
      "E0806", "no such formula, or not such a number in it",
      "Formulas are called by their ids, D5.adam.w: a document and a name. Behind with stand numbers of your own, by the names "
        + "the card shows.",
      [
        Example(":formulas D5", "the formulas of a document"), Example(":formulas attention", "of a theme"),
        Example(":formula D5.adam.w with g: [2, -1], η: 0.1"),
      ]),
    DiagnosticCode(
      "E0810", "a letter without a number",
      "An index letter stands for many numbers. What is asked for is one of them, or the name of something bound.",
      [Example(":why h[0,2]", "one element"), Example(":why h", "the whole tensor")]),
    DiagnosticCode(
      "E0811", "no number to explain",
      "Functions, networks, records, words and datasets have parts; :why is about the numbers in them.",
      [Example(":why net[0].W[1,2]", "a weight"), Example(":why net(X)[0,0]", "what a network gives")]),
    DiagnosticCode(
      "E0812", "no such element",
      "An element has an index for each axis, each from 0 to below the extent of its axis; end is the last.",
      [Example(":why h[0,2]"), Example(":why h[end,0]"), Example(":why h", "the whole tensor")]),
    DiagnosticCode(
      "E0813", "a past that is no longer remembered",
      "Each name keeps the line that bound it and the values that line used. Inside a loop only the last pass is kept, and of names "
        + "bound again the last 10,000 values. Sequences, h[t] = …, keep every value.",
      [Example("for t in 0..<5 { h[t] = tanh(W @ h[t-1]) }", "keeps every h"), Example(":why h[2,0]")]),
    DiagnosticCode(
      "E0814", "a calculation that no longer holds",
      "The line that made this value used something that is not remembered as it was, such as a name bound again in a loop or a "
        + "function defined anew since. Run the line again, or write the loop with a sequence.",
      [Example("w[t+1] = w[t] - 0.1 * ∇J(w[t]) where t in 0..<9", "each w is kept")]),
    DiagnosticCode(
      "E0820", "nothing to step through",
      "A stepper goes through what a value was computed from: the lines of the session, the layers of a network, the statements of "
        + "a function. What was typed, drawn or read was not computed; a network and a function want an input.",
      [Example(":step y", "the lines that led to y"), Example(":step net(X)"), Example(":step f(2)")]),
    DiagnosticCode(
      "E0821", "no such step",
      "The prompt says at which step of how many the stepper is: step 2/3. Places count from 1.",
      [
        Example(stepper: "goto 3", "a step"), Example(stepper: "goto t=1", "a time step"),
        Example(stepper: "goto [2,0]", "a window or an element"),
      ]),
    DiagnosticCode(
      "E0822", "nothing inside, or nothing around",
      "into goes inside a step: an LSTM's gates, windows of a convolution, the terms of a sum; out comes back. Not every step has "
        + "something inside.",
      [Example(stepper: "into"), Example(stepper: "out"), Example(stepper: "why y[0,1]", "one number of this step")]),
    DiagnosticCode(
      "E0823", "no word of the stepper",
      "At the stepper's prompt stand its words or an expression over the values of the step. It only looks: what would change the "
        + "session has to wait.",
      [
        Example(stepper: "next"), Example("z[0,2] + 1", "any expression"),
        Example(stepper: "quit", "leaves the stepper"),
      ]),
    DiagnosticCode(
      "E0824", "the way back begins at one number with a name",
      ":backward goes from a loss to what it was computed from. A loss is one number, and it has a name, so that the derivatives have "
        + "names too: ∂L/∂W.",
      [Example("L = mean((y - t)^2)"), Example(":backward L")]),
    DiagnosticCode(
      "E0830", "what has no gradients",
      "Gradients are of one number, a loss, by what it was computed from: the weights of a network, or names your lines bound.",
      [Example(":grads net"), Example(":grads L", "a loss of your own lines")]),
    DiagnosticCode(
      "E0831", "gradients without data",
      "A network has gradients on data only. Training remembers its data and its loss; a network that was not trained wants both.",
      [
        Example(":grads net on iris()"), Example(":grads net on X, t, loss: mse"),
        Example(":grads net over", "through the epochs of its training"),
      ]),
    DiagnosticCode(
      "E0832", "no step of an optimiser",
      "minimize, train and update keep their last step for as long as the name they made stands as it is. A training that was "
        + "stopped keeps none.",
      [
        Example("w = minimize(w -> (w - 3)^2, 0)", "then"), Example(":optim"),
        Example(":optim SGD(0.001)", "another rule, the same gradient"),
      ]),
    DiagnosticCode(
      "E0833", "a change that cannot be made",
      "One number of something you bound is changed for another number, by its indices.",
      [Example(":what W[0,2] = 0.5"), Example(":what w = 3", "a number by itself")]),
    DiagnosticCode(
      "E0834", "nothing behind or after it",
      "The lines you typed remember what they used. This name was used by none of them, or was computed from none.",
      [Example(":graph L", "what L was computed from"), Example(":vars")]),
    DiagnosticCode(
      "E0835", "nothing to check",
      "A check computes the steps behind a number once more, and its gradients by small steps to both sides.",
      [Example("w = [1, 2]; L = sum(w^2)"), Example(":check L")]),
    DiagnosticCode(
      "E0836", "no such demo", "A demo binds the names of a small system, every number of which fits the screen.",
      [Example(":demo", "lists them"), Example(":demo lstm")]),
    DiagnosticCode(
      "E0840", "a session file that cannot be read",
      "A session file is Markdown: a header between --- lines, prose, and blocks that begin with ```nabla and hold inputs after "
        + ">>> with their answers below. Something of that is not as it should be, on the line named.",
      [Example(":replay session.md"), Example(":save session.md", "writes one")]),
    DiagnosticCode(
      "E0841", "a session that could not be written",
      "The file is written beside the old one and takes its name at the end, so that a full disk leaves the old one whole.",
      [Example(":save session.md")]),
    DiagnosticCode(
      "E0842", "nothing to save here, or not in such a file",
      "A session is saved from its prompt, to a Markdown file. One that is played writes nothing, and a script is its own record.",
      [Example(":save session.md"), Example(":record session.md")]),
    DiagnosticCode(
      "E0844", "what cannot be taken back",
      "Every input that changes names, draws or settings can be taken back, until what the names held takes too much memory.",
      [Example(":undo"), Example(":undo 3", "the last three")]),
    DiagnosticCode(
      "E0845", "a session file without inputs", "Only blocks that begin with ```nabla are played.",
      [Example(":replay session.md")]),
    DiagnosticCode(
      "E0846", "no such lesson", "Lessons are numbered; :tutorial lists them with how far you are.",
      [Example(":tutorial"), Example(":tutorial 1"), Example(":tutorial 1 1", "lesson 1 from its first step")]),
    DiagnosticCode(
      "E0847", "a command of lessons outside of one",
      ":next, :back, :play, :done, :hint and :answer stand in a lesson.",
      [Example(":tutorial 1")]),
    DiagnosticCode(
      "E0901", "understood, and not evaluated by this version",
      "The line is read, but this version does not compute index equations, sums over an index and derivatives of one bound "
        + "name by another. Products, reductions and ∇ say the same.",
      [
        Example("A @ x", "for ∑[k] A[i,k] * x[k]"), Example("sum(x * y)", "for ∑[k] x[k] * y[k]"),
        Example("∇J(θ)", "for ∂J/∂θ, with J a function"),
      ], more: "derivatives"),
  ]
}
