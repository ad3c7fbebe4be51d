import Foundation
import Tensors

/// One case of reference numbers, computed with PyTorch: inputs, parameters, outputs and gradients.
struct GoldenFile: Decodable, Sendable {
  struct Numbers: Decodable {
    let shape: [Int]
    let data: [Double]
    var tensor: Tensor { Tensor(data, shape: Shape(shape)) }
  }

  /// What a case says about itself: a stride, betas, a rule in words.
  enum Fact: Decodable {
    case nothing
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([Fact])
    case table([String: Fact])

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .nothing
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else if let text = try? value.decode(String.self) {
        self = .text(text)
      } else if let list = try? value.decode([Fact].self) {
        self = .list(list)
      } else {
        self = .table(try value.decode([String: Fact].self))
      }
    }

    /// The numbers of a number or a list of them; nil of anything else.
    var numbers: [Double]? {
      switch self {
      case .number(let value): return [value]
      case .list(let facts):
        let numbers = facts.compactMap { if case .number(let value) = $0 { value } else { nil } }
        return numbers.count == facts.count ? numbers : nil
      default: return nil
      }
    }
  }

  let name, description: String?
  let inputs, params, outputs, grads: [String: Numbers]
  let meta: [String: Fact]

  init(at place: URL) throws {
    self = try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: place))
  }

  /// The numbers of a fact; nil if the case has none of this name.
  func numbers(_ name: String) -> [Double]? { meta[name]?.numbers }
  func wholes(_ name: String) -> [Int]? { numbers(name)?.map { Int($0) } }
  func text(_ name: String) -> String? { if case .text(let text) = meta[name] { text } else { nil } }
  func flag(_ name: String) -> Bool { if case .flag(let flag) = meta[name] { flag } else { false } }

  /// The number that follows some words of the description: 0.2 after `leaky_relu_` in `leaky_relu_0.2(x@Wd1)`.
  func number(after words: String, in text: String? = nil) -> Double? {
    guard let place = (text ?? description ?? "").range(of: words) else { return nil }
    let rest = (text ?? description ?? "")[place.upperBound...]
    return Double(rest.prefix { $0.isNumber || $0 == "." })
  }
}

/// The folder of golden cases: the one `NABLA_GOLDEN` names, or the copy among the test's resources.
enum GoldenFolder {
  static let own = Bundle.module.resourceURL!.appendingPathComponent("Golden")
  static let chosen = ProcessInfo.processInfo.environment["NABLA_GOLDEN"].map { URL(fileURLWithPath: $0) } ?? own

  /// The names of its files, without `.json`.
  static let names = names(in: chosen)

  static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "json" }.map { $0.deletingPathExtension().lastPathComponent }.sorted()
  }

  static func file(_ name: String) throws -> GoldenFile {
    try GoldenFile(at: chosen.appendingPathComponent(name + ".json"))
  }
}
