import Networks

/// A function as a value: written by the user, built in, or made from other functions.
package final class Function {
  package enum Kind {
    case user(UserFunction)
    case builtin(Builtin)
    /// `f >> g`
    case composed([Value])
    /// `∇f`, `∇[w,b] f`
    case gradient(Function, [String])
    /// `f'`
    case derivative(Function)
    /// `cosine(0.1, steps: 100)`: the rate of a step
    case schedule(any Schedule)
  }

  package let kind: Kind
  /// As it is called in messages; `a function` has no name.
  package let name: String

  init(_ kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }

  /// How it is called: `f(x, η: 0.1)`.
  package var signature: String {
    switch kind {
    case .user(let user):
      (name.isEmpty ? "" : name) + "(" + user.parameters.map(\.text).joined(separator: ", ") + ")"
    case .builtin(let builtin): builtin.signature
    case .composed: name.isEmpty ? "f(x)" : name + "(x)"
    case .gradient(let function, _), .derivative(let function):
      name + function.signature.drop { $0 != "(" }
    case .schedule: name
    }
  }

  /// The names of what it takes, as far as they are known.
  package var parameterNames: [String] {
    switch kind {
    case .user(let user): user.parameters.map(\.name)
    case .builtin(let builtin): builtin.parameters.map(\.name)
    case .composed: ["x"]
    case .gradient(let function, _), .derivative(let function): function.parameterNames
    case .schedule: ["t"]
    }
  }
}

/// A function written in the language, lowered to code.
package final class UserFunction {
  package struct Parameter {
    package let name: String
    /// Computes the value it has if none is given, in the frame of the call.
    let defaultValue: Code?
    /// As in the signature: `η: 0.1`.
    package let text: String
  }

  package let parameters: [Parameter]
  /// How many of the parameters have no default.
  let requiredCount: Int
  /// Values of the enclosing function when this one was made, and where they go.
  package let captures: [(name: String, slot: Int, value: Value)]
  /// Where the function itself stands in its frame, if it is local and calls itself.
  let ownSlot: Int?
  let slotCount: Int
  let body: Code
  /// What it took from around it when it was made.
  package var capturedValues: [(name: String, value: Value)] { captures.map { ($0.name, $0.value) } }
  /// The names of its parameters, in order.
  package var parameterNames: [String] { parameters.map(\.name) }
  /// How the default of a parameter was written.
  package func defaultText(of name: String) -> String? {
    guard let parameter = parameters.first(where: { $0.name == name }), parameter.defaultValue != nil,
      let colon = parameter.text.firstIndex(of: ":")
    else { return nil }
    return String(parameter.text[parameter.text.index(after: colon)...].drop { $0 == " " })
  }
  /// The global names it reads when it is called.
  let globals: [Cell]
  /// The text it was written in, and the whole of the function there.
  package let source: SourceText
  package let range: SourceRange
  package let definition: Body

  init(
    parameters: [Parameter], captures: [(name: String, slot: Int, value: Value)], ownSlot: Int?, slotCount: Int,
    body: @escaping Code, globals: [Cell], source: SourceText, range: SourceRange, definition: Body
  ) {
    self.parameters = parameters
    requiredCount = parameters.count { $0.defaultValue == nil }
    self.captures = captures
    self.ownSlot = ownSlot
    self.slotCount = slotCount
    self.body = body
    self.globals = globals
    self.source = source
    self.range = range
    self.definition = definition
  }
}
