import Language
import Tensors

/// Derivatives whose terms cancel to less than 1e-12 of themselves: rounding, not numbers, and shown as 0 (R3).
enum RoundingNoise {
  /// Puts to 0 what is noise in derivatives.
  ///
  /// A way back is linear in what comes in. If that is changed by one part in 10¹³, a derivative that is one changes as little;
  /// noise becomes other noise.
  ///
  /// - Parameters:
  ///   - flows: the derivatives, all by one way back.
  ///   - incoming: what came in.
  ///   - back: the same way with something else coming in.
  static func cleared(_ flows: [Tensor], of incoming: Tensor, back: (Tensor) -> [Tensor]?) -> [Tensor] {
    cleared(flows) { round in back(changed(incoming, round)) }
  }

  /// The same, where the derivatives are taken again of something changed a little, three times: noise may come out equal once.
  static func cleared(_ flows: [Tensor], again: (Int) -> [Tensor]?) -> [Tensor] {
    let tiny = flows.contains { $0.elementType == .float32 } ? 1e-5 : 1e-11
    var numbers = flows.map { $0.detached.elements }
    let largest = numbers.joined().reduce(1) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    func isSmall(_ number: Double) -> Bool { number != 0 && number.magnitude < tiny * largest }
    func hasSmall(_ numbers: [Double]) -> Bool { numbers.contains(where: isSmall) }
    guard numbers.contains(where: hasSmall) else { return flows }
    for round in 1...3 where numbers.contains(where: hasSmall) {
      guard let others = again(round)?.map({ $0.detached.elements }) else { break }
      for index in numbers.indices where others[index].count == numbers[index].count {
        for place in numbers[index].indices where isSmall(numbers[index][place]) {
          let number = numbers[index][place]
          if (others[index][place] - number).magnitude > 0.05 * number.magnitude { numbers[index][place] = 0 }
        }
      }
    }
    return zip(flows, numbers).map { Tensor($1, shape: $0.shape, $0.elementType) }
  }

  /// Each number a little larger or smaller, no two neighbours alike; a 0 as little away from 0.
  static func changed(_ tensor: Tensor, _ round: Int) -> Tensor {
    let change = tensor.elementType == .float32 ? 1e-6 : 1e-13
    let numbers = tensor.detached.elements.enumerated().map { index, number in
      let part = change * (Double((index * 7919 + round * 31) % 13) - 6) / 3
      return number == 0 ? part : number * (1 + part)
    }
    return Tensor(numbers, shape: tensor.shape, tensor.elementType)
  }
}

extension Interpreter {
  /// The gradients of a loss by some names, what is rounding noise among them put to 0.
  func clearedGradients(of ancestry: Ancestry, by versions: [Version]) throws(Diagnostic) -> [[Tensor]] {
    let gradients = try self.gradients(of: ancestry, by: versions)
    var flat = RoundingNoise.cleared(gradients.flatMap { $0 }) { round in
      (try? self.gradients(of: ancestry, by: versions) { RoundingNoise.changed($0, round) })?.flatMap { $0 }
    }[...]
    return gradients.map { own in
      defer { flat = flat.dropFirst(own.count) }
      return Array(flat.prefix(own.count))
    }
  }
}
