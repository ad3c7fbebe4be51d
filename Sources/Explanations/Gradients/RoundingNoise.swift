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
    let isSingle = flows.contains { $0.elementType == .float32 }
    let (tiny, change) = isSingle ? (1e-5, 1e-6) : (1e-11, 1e-13)
    let numbers = flows.map { $0.detached.elements }
    let largest = numbers.joined().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    func isSmall(_ number: Double) -> Bool { number != 0 && number.magnitude < tiny * largest }
    guard numbers.contains(where: { $0.contains(where: isSmall) }),
      let others = back(changed(incoming, by: change))?.map({ $0.detached.elements })
    else { return flows }
    return flows.indices.map { index in
      var own = numbers[index]
      guard own.contains(where: isSmall), others[index].count == own.count else { return flows[index] }
      for place in own.indices where isSmall(own[place]) {
        if (others[index][place] - own[place]).magnitude > 0.05 * own[place].magnitude { own[place] = 0 }
      }
      return Tensor(own, shape: flows[index].shape, flows[index].elementType)
    }
  }

  /// Each number a little larger or smaller, no two neighbours alike.
  private static func changed(_ tensor: Tensor, by change: Double) -> Tensor {
    let numbers = tensor.detached.elements.enumerated().map { index, number in
      number * (1 + change * (Double(index * 7919 % 13) - 6) / 3)
    }
    return Tensor(numbers, shape: tensor.shape, tensor.elementType)
  }
}
