import Display
import Language
import Tensors

/// Answers that are drawn rather than written: quotients, windows, weighted means.
struct Special {
  let why: Why

  func document(_ question: Why.Question, _ path: Why.Path, _ value: Double) throws -> Document? {
    nil
  }
}

/// The answer for a whole tensor.
struct WholeAnswer {
  let why: Why

  func document(_ question: Why.Question, _ extents: [Int]) throws -> Document {
    throw Diagnostic(
      "E0812", "\(question.subject) : \(Shape(extents)) has an index for each axis",
      suggestions: [.init(.try, ":why \(question.subject)\(extents.map { _ in Coordinate(0) }.text)")])
  }
}
