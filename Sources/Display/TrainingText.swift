/// What training shows: one line rewritten in place, and a summary when it is done or stopped.
package struct TrainingProgress: Sendable {
  package var epoch, epochs: Int
  /// How much of the whole run is done, from 0 to 1.
  package var fraction: Double
  package var loss: Double
  package var accuracy: Double?
  /// The present rate, where a schedule changes it.
  package var rate: Double?
  package var secondsLeft: Double?
  /// `epoch`, or `step` for `minimize`.
  package var unit: String

  package init(
    epoch: Int, epochs: Int, fraction: Double? = nil, loss: Double, accuracy: Double? = nil, rate: Double? = nil,
    secondsLeft: Double? = nil, unit: String = "epoch"
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.fraction = fraction ?? Double(epoch) / Double(max(1, epochs))
    self.loss = loss
    self.accuracy = accuracy
    self.rate = rate
    self.secondsLeft = secondsLeft
    self.unit = unit
  }

  /// `epoch 23/60 ━━━━━━━╸──────────── loss 0.6137  accuracy 0.793  0:01 left`.
  package func line(_ style: Style = .plain) -> Line {
    var line: Line = "  \(unit) \(String(epoch).leftPadded(to: String(epochs).count))/\(epochs) "
    line.append(Bar.progress(fraction, style), .bar)
    line.append(" loss \(TrainingText.number(loss, decimals: 4))")
    if let accuracy { line.append("  accuracy \(TrainingText.number(accuracy, decimals: 3))") }
    if let rate { line.append("  rate \(NumberFormat(digits: 3).text(rate))") }
    if let secondsLeft, secondsLeft.isFinite { line.append("  \(TrainingText.time(secondsLeft)) left", .dim) }
    return line
  }
}

/// The summary of a training run, given as plain data.
package struct TrainingText: Sendable {
  /// One quantity followed through the run, before the first epoch and after each.
  package struct Curve: Sendable {
    package var label: String
    package var values: [Double]
    /// `146 of 150 right`; where it is empty, a loss says when it was lowest.
    package var remark: String

    package init(_ label: String, _ values: [Double], remark: String = "") {
      self.label = label
      self.values = values
      self.remark = remark
    }
  }

  package var network: NetworkText
  package var epochs, stepsPerEpoch, samples: Int
  package var curves: [Curve]
  /// Things to type next: `plot(history(net))`.
  package var suggestions: [String]

  package init(
    network: NetworkText, epochs: Int, stepsPerEpoch: Int, samples: Int, curves: [Curve], suggestions: [String] = []
  ) {
    self.network = network
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.samples = samples
    self.curves = curves
    self.suggestions = suggestions
  }

  /// The network's heading, the size of the run, a line for each curve, and what to do next.
  package func document(_ style: Style = .plain) -> Document {
    var result = Document([network.heading(style)])
    result.append(
      "  \(Self.plural(epochs, "epoch")) of \(Self.plural(stepsPerEpoch, "step")), \(Self.plural(samples, "sample"))")
    var table = Table([.init(), .init("", .right, gap: 1), .init(gap: 1), .init(), .init()])
    for curve in curves where !curve.values.isEmpty {
      let decimals = 4
      table.append([
        Line(curve.label), Line(Self.number(curve.values.first!, decimals: decimals)),
        Line(Sparkline.curve(curve.values, style), .bar), Line(Self.number(curve.values.last!, decimals: decimals)),
        Line(remark(curve, decimals), .dim),
      ])
    }
    result.append(table.document(style))
    if !suggestions.isEmpty {
      result.append("  \("see", .hint)  \(suggestions.joined(separator: "   "))")
    }
    return result
  }

  private func remark(_ curve: Curve, _ decimals: Int) -> String {
    if !curve.remark.isEmpty || !curve.label.hasSuffix("loss") { return curve.remark }
    let finite = curve.values.indices.filter { curve.values[$0].isFinite }
    guard let best = finite.min(by: { curve.values[$0] < curve.values[$1] }) else { return "" }
    return
      "lowest \(Self.number(curve.values[best], decimals: decimals)) after epoch \(best + (curve.values.count == epochs ? 1 : 0))"
  }

  /// What is said after Ctrl-C: what is kept, and what to type to go on.
  package static func stopped(after step: Int, of steps: Int, name: String, goOn: String, _ style: Style = .plain)
    -> Document
  {
    Document([
      "^C stopped after step \(NumberFormat.count(step)) of \(NumberFormat.count(steps)); \(name) keeps what it learned",
      "  \("go on with", .hint)  \(goOn.cut(to: style.width - 14, style: style))",
    ])
  }

  /// A loss or a share at a fixed number of decimals, or at five digits where that would show nothing of it.
  static func number(_ number: Double, decimals: Int) -> String {
    if number.isFinite && number != 0 && (number.magnitude < 0.5 * pow10(-decimals) || number.magnitude >= 1e6) {
      return NumberFormat().text(number)
    }
    return NumberFormat().text(number, decimals: decimals)
  }

  /// `0:01`, `12:30`, `1:02:03`.
  package static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds.rounded(.up), 0), 3.6e6))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(whole % 60))"
  }

  static func plural(_ count: Int, _ noun: String) -> String {
    "\(NumberFormat.count(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<exponent.magnitude).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }
}
