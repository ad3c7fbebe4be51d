import Foundation
import Networks
import Tensors
import Testing

/// Every case of the folder, forward and backward, in both precisions, and its second derivatives.
///
/// `NABLA_GOLDEN=folder swift test --filter Golden` takes another folder of the same schema: all shapes, strides, masks and rates come
/// from its files. What to calculate is found by the case's `name`, or else its file's, of which the longest known beginning counts, so
/// that a draw may be called `lstm_d4-2` or `opt_linreg_adam_lr0.3`.
@Suite struct GoldenTests {
  @Test("The folder holds cases, each of them known")
  func folder() {
    #expect(!GoldenFolder.names.isEmpty, "no .json in \(GoldenFolder.chosen.path)")
    for name in GoldenFolder.names {
      let said = try? GoldenFolder.file(name).name
      #expect(
        GoldenCase.known(said, file: name) != nil,
        "\(name).json: no calculation is known by the name \(said ?? name); see GoldenCase.all")
    }
    let missing = Set(GoldenFolder.names(in: GoldenFolder.own)).subtracting(GoldenFolder.names)
    if !missing.isEmpty {
      print("golden: not in \(GoldenFolder.chosen.path): \(missing.sorted().joined(separator: ", "))")
    }
  }

  @Test(
    "Every output and every gradient of a case is the reference's", arguments: GoldenFolder.names, precisions)
  func derivatives(name: String, type: ElementType) throws {
    let file = try GoldenFolder.file(name)
    let golden = try #require(GoldenCase.known(file.name, file: name), "\(name).json: unknown case")
    var outputs = Set(file.outputs.keys)
    var slopes = Set(file.grads.keys)
    for way in golden.ways {
      let run = GoldenRun(file, type)
      do {
        if let loss = try way.calculation(run) { run.finish(loss) }
      } catch {
        Issue.record("\(name).json, \(type), \(way.name): \(error)")
      }
      for difference in run.differences { Issue.record("\(name).json, \(type), \(way.name): \(difference)") }
      outputs.subtract(run.seenOutputs)
      slopes.subtract(run.seenGradients)
    }
    #expect(outputs.isEmpty, "\(name).json, \(type): outputs never compared: \(outputs.sorted())")
    #expect(slopes.isEmpty, "\(name).json, \(type): gradients never compared: \(slopes.sorted())")
  }

  @Test("The second derivatives of a case are the differences of the first", arguments: GoldenFolder.names)
  func secondDerivatives(name: String) throws {
    let file = try GoldenFolder.file(name)
    let golden = try #require(GoldenCase.known(file.name, file: name), "\(name).json: unknown case")
    for way in golden.ways {
      guard var curvature = try GoldenCurvature(file, way.calculation) else { continue }
      for difference in try curvature.differences() { Issue.record("\(name).json, \(way.name): \(difference)") }
      #expect(
        curvature.checked > 0 || curvature.count == 1, "\(name).json, \(way.name): every direction crosses a kink")
    }
  }
}

/// The second derivatives of a calculation along a direction, by differentiating twice and by differences of the first.
struct GoldenCurvature {
  private let file: GoldenFile
  private let calculation: GoldenCase.Calculation
  /// By what is differentiated, in the order of the names.
  private let names: [String]
  private let values: [Tensor]
  private let slopes: [[Double]]
  private(set) var checked = 0
  /// Of how many numbers the loss is a function.
  var count: Int { values.reduce(0) { $0 + $1.count } }

  /// Nil for a calculation without a loss that depends on a variable.
  init?(_ file: GoldenFile, _ calculation: @escaping GoldenCase.Calculation) throws {
    (self.file, self.calculation) = (file, calculation)
    let run = GoldenRun(file, .float64)
    guard let loss = try calculation(run), !run.names.isEmpty else { return nil }
    names = run.names
    values = names.map { run.variables[$0]! }
    slopes = gradients(of: loss, withRespectTo: values).map(\.elements)
  }

  mutating func differences() throws -> [String] {
    let places = values.indices.flatMap { name in (0..<values[name].count).map { (name: name, element: $0) } }
    var random = RandomGenerator(seed: 1)
    return try differences(places, &random)
  }

  /// Where the first or the second derivative jumps within the smallest step, as at 0 of relu and elu, half of the directions are tried
  /// alone, down to a single number.
  private mutating func differences(
    _ places: [(name: Int, element: Int)], _ random: inout RandomGenerator
  ) throws -> [String] {
    var direction = values.map { [Double](repeating: 0, count: $0.count) }
    for place in places {
      let size = 0.5 + 0.5 * random.uniform(Double.self)
      direction[place.name][place.element] = random.uniform(Double.self) < 0.5 ? size : -size
    }
    for step in [6e-6, 4e-7] {
      let (ahead, behind) = (try slopes(direction, step), try slopes(direction, -step))
      // Where it goes on ahead as it came from behind, the difference over both sides is good to half of what is allowed here.
      let steepness = zip(ahead.joined(), behind.joined()).map { abs($0 - $1) / (2 * step) }.max() ?? 0
      let bends = slopes.indices.contains { name in
        slopes[name].indices.contains {
          let turn = abs(ahead[name][$0] + behind[name][$0] - 2 * slopes[name][$0]) / step
          return !(turn <= 2e-5 * max(1, steepness))
        }
      }
      if bends { continue }
      checked += 1
      return try compare(direction, ahead, behind, step)
    }
    if places.count == 1 { return [] }
    let half = places.count / 2
    return try differences(Array(places[..<half]), &random) + differences(Array(places[half...]), &random)
  }

  private func slopes(_ direction: [[Double]], _ step: Double) throws -> [[Double]] {
    let (_, loss, variables) = try run(direction, step)
    return gradients(of: loss, withRespectTo: variables).map(\.elements)
  }

  private func run(_ direction: [[Double]], _ step: Double) throws -> (GoldenRun, Tensor, [Tensor]) {
    let shifts = names.indices.map { Tensor(direction[$0].map { step * $0 }, shape: values[$0].shape) }
    let run = GoldenRun(file, .float64, shift: Dictionary(uniqueKeysWithValues: zip(names, shifts)))
    guard let loss = try calculation(run) else { throw GoldenRun.Missing(description: "no loss") }
    return (run, loss, names.map { run.variables[$0]! })
  }

  private func compare(
    _ direction: [[Double]], _ ahead: [[Double]], _ behind: [[Double]], _ step: Double
  ) throws -> [String] {
    let (_, loss, variables) = try run(direction, 0)
    let first = gradients(of: loss, withRespectTo: variables, keepingGraph: true)
    var along = Tensor(0)
    for (slope, way) in zip(first, direction) { along = along + (slope * Tensor(way, shape: slope.shape)).sum() }
    let second = gradients(of: along, withRespectTo: variables).map(\.elements)
    let largest = max(1, second.joined().map(abs).max() ?? 0)
    var differences: [String] = []
    for name in names.indices {
      for place in second[name].indices {
        let wanted = (ahead[name][place] - behind[name][place]) / (2 * step)
        let found = second[name][place]
        guard !(abs(found - wanted) <= 1e-5 * largest) else { continue }
        differences.append(
          "second derivative by \(names[name]), number \(place): \(found), by differences \(wanted) (step \(step))")
        break
      }
    }
    return differences
  }
}
