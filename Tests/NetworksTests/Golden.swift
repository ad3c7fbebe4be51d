import Foundation
import Networks
import Tensors
import Testing

/// A case of reference numbers, computed with PyTorch: inputs, parameters, outputs and gradients.
struct Golden: Decodable {
  struct Array: Decodable {
    let shape: [Int]
    let data: [Double]
  }
  struct Meta: Decodable {
    let hyperparameters: [String: Hyperparameter]?
    let stride: Int?
    let padding: String?
    let lr: Double?
    let alpha: Double?
    let maxNorm: Double?
    let heads: Int?
    let eps: Double?
    let momentum: Double?
    let bos: Int?
    let lam: Double?
    let minority: Double?

    enum CodingKeys: String, CodingKey {
      case hyperparameters, stride, padding, lr, alpha, heads, eps, momentum, bos, lam, minority
      case maxNorm = "max_norm"
    }
  }
  enum Hyperparameter: Decodable {
    case number(Double)
    case pair([Double])
    case flag(Bool)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .pair(try container.decode([Double].self))
      }
    }
  }

  let inputs, params, outputs, grads: [String: Array]
  let meta: Meta

  /// Reads a case from the test's resources, or from the folder `NABLA_GOLDEN` names.
  init(_ name: String) throws {
    let folder =
      ProcessInfo.processInfo.environment["NABLA_GOLDEN"].map { URL(fileURLWithPath: $0) }
      ?? Bundle.module.resourceURL!.appendingPathComponent("Golden")
    let data = try Data(contentsOf: folder.appendingPathComponent(name + ".json"))
    self = try JSONDecoder().decode(Golden.self, from: data)
  }

  func input(_ name: String) throws -> Tensor { Tensor(try #require(inputs[name])) }
  func parameter(_ name: String) throws -> Tensor { Tensor(try #require(params[name])) }
  func output(_ name: String) throws -> Tensor { Tensor(try #require(outputs[name])) }
  func gradient(_ name: String) throws -> Tensor { Tensor(try #require(grads[name])) }

  /// Row `t` of a trajectory.
  func row(_ t: Int, _ name: String) throws -> [Double] {
    let all = try #require(outputs[name])
    let width = all.shape.dropFirst().reduce(1, *)
    return Swift.Array(all.data[(t * width)..<((t + 1) * width)])
  }

  func number(_ name: String) -> Double? {
    if case .number(let value) = meta.hyperparameters?[name] { value } else { nil }
  }
  func flag(_ name: String) -> Bool {
    if case .flag(let value) = meta.hyperparameters?[name] { value } else { false }
  }
  func pair(_ name: String) -> [Double]? {
    if case .pair(let value) = meta.hyperparameters?[name] { value } else { nil }
  }
}

extension Tensor {
  init(_ array: Golden.Array) { self.init(array.data, shape: Shape(array.shape)) }
}

/// Whether numbers agree as the golden cases ask: to 1e-9 of the larger of 1 and the reference.
func expectClose(
  _ found: [Double], _ wanted: [Double], tolerance: Double = 1e-9, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, comment, sourceLocation: sourceLocation)
  let largest = wanted.map(abs).max() ?? 0
  let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance * max(1, largest), comment, sourceLocation: sourceLocation)
}

func expectClose(
  _ found: Tensor, _ wanted: Tensor, tolerance: Double = 1e-9, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.shape == wanted.shape, comment, sourceLocation: sourceLocation)
  expectClose(found.elements, wanted.elements, tolerance: tolerance, comment, sourceLocation: sourceLocation)
}
