import Language
import Tensors

/// What an element of a value is made of, in the letters of a card: `∂L/∂W[i,j] = ∑[n] x[n,i]·δ[n,j]`.
///
/// A line of the user's is its own law. What a layer does on the way back, or within itself, was not typed by anyone: it is said here, as
/// an expression of the language wherever that can say it, so that it is explained as any line is.
final class LetterLaw {
  /// The letters of its places: `i, j`.
  let places: [String]
  /// Whether the law is of the whole, without letters for its places: `(p - t) / 2`.
  let isWhole: Bool
  /// What stands right of the sign: `∑[n] x[n,i]·δ[n,j]`.
  let formula: String
  /// Where places have laws of their own, such as the gates of a layer side by side: the law at some places.
  let formulaAt: ([Int]) -> String?
  /// The layer, and the id of a card.
  let margin: String
  /// What its letters stand for, as far as they are no names of the user's: `W = net[0].W [2, 3]`.
  let standings: [String]
  /// The letters that can be asked for until the next answer.
  let letters: [Known]
  /// One remark on the number, from its places and its value.
  let remark: ([Int], Double) -> String?
  /// What the number at some places is found to be by moving what it depends on.
  let check: ([Int]) -> CentralDifference?
  private let rule: ([Coordinate], Elements) throws -> Calculation

  init(
    _ places: [String], isWhole: Bool = false, formula: String,
    at formulaAt: @escaping ([Int]) -> String? = { _ in nil },
    margin: String, standings: [String] = [],
    letters: [Known] = [], check: @escaping ([Int]) -> CentralDifference? = { _ in nil },
    remark: @escaping ([Int], Double) -> String? = { _, _ in nil },
    rule: @escaping ([Coordinate], Elements) throws -> Calculation
  ) {
    (self.isWhole, self.formulaAt) = (isWhole, formulaAt)
    (self.places, self.formula, self.margin, self.standings) = (places, formula, margin, standings)
    (self.letters, self.check, self.remark, self.rule) = (letters, check, remark, rule)
  }

  /// The same law, its numbers held against what moving something shows.
  func checked(by check: @escaping ([Int]) -> CentralDifference?) -> LetterLaw {
    LetterLaw(
      places, isWhole: isWhole, formula: formula, at: formulaAt, margin: margin, standings: standings, letters: letters,
      check: check, remark: remark, rule: rule)
  }

  /// A law that an expression says, such as `∑[n] x[n,i] * δ[n,j]`.
  convenience init(
    _ places: [String], _ text: String, _ locals: [String: Known], _ interpreter: Interpreter, margin: String,
    standings: [String] = [], letters: [Known] = [], check: @escaping ([Int]) -> CentralDifference? = { _ in nil },
    remark: @escaping ([Int], Double) -> String? = { _, _ in nil }
  ) throws {
    let around = Meanings(interpreter, SourceText(text), locals: locals)
    let expression = try Why.expression(text)
    func rule(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
      let letters = Dictionary(uniqueKeysWithValues: zip(places, at))
      return try elements.element(expression, [], around.with(letters: letters))
    }
    let formula = try rule(places.map { Coordinate(letter: $0) }, Elements().taking(places)).text()
    self.init(
      places, formula: formula, margin: margin, standings: standings, letters: letters, check: check, remark: remark,
      rule: rule)
  }

  /// A law that an expression says at each place, another at the first step or for another gate: what it says in letters is `formula`.
  convenience init(
    _ places: [String], formula: String, at formulaAt: @escaping ([Int]) -> String? = { _ in nil },
    _ locals: [String: Known], _ interpreter: Interpreter, margin: String, standings: [String], letters: [Known],
    check: @escaping ([Int]) -> CentralDifference? = { _ in nil },
    remark: @escaping ([Int], Double) -> String? = { _, _ in nil },
    text: @escaping ([Int]) -> String
  ) {
    self.init(
      places, formula: formula, at: formulaAt, margin: margin, standings: standings, letters: letters, check: check,
      remark: remark
    ) { at, elements in
      let text = text(try at.allNumbers())
      let around = Meanings(interpreter, SourceText(text), locals: locals)
      return try elements.element(
        try Why.expression(text), [], around.with(letters: Dictionary(uniqueKeysWithValues: zip(places, at))))
    }
  }

  /// A law that an expression says for the whole at once, such as `(p - t) / 2`.
  convenience init(
    whole text: String, _ rank: Int, _ around: Meanings, margin: String, standings: [String] = [], letters: [Known] = []
  ) throws {
    let expression = try Why.expression(text)
    let inner = Meanings(around.interpreter, SourceText(text), origin: around.origin, locals: around.locals)
    self.init(
      LayerDerivatives.letters(rank), isWhole: true, formula: text.replacingAll(" * ", with: " ⊙ "), margin: margin,
      standings: standings, letters: letters
    ) { at, elements in
      try elements.element(expression, elements.fit(at, expression, inner), inner)
    }
  }

  func element(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
    guard at.count == places.count else { throw Diagnostic("E0812", "it has \(places.count) places") }
    return try rule(at, elements)
  }
}
