import Language
import Tensors

/// All ways to spell a target over the frames of a prediction, added up state by state, forward and backward.
///
/// The states of a sample are its labels with a blank before, between and after them. Everything is computed in logarithms, so that a
/// thousand frames do not become 0.
struct Alignments {
  /// One sample: its states, its frames, and the logarithms of what is added up.
  struct Sample {
    /// The label of each state, blanks in between: `_ 1 _ 2 _`.
    let states: [Int]
    let steps: Int
    /// `ln α[t,s]`: all ways that are at state s after frame t.
    let forward: [[Double]]
    /// `ln β[t,s]`: all ways on from there to the end, frame t left out.
    let backward: [[Double]]
    /// `ln P`: all ways.
    let total: Double
    /// How many ways there are.
    let count: Double

    var length: Int { max(1, states.count / 2) }
    /// The states that a way may come from to a state, or with `on` go on to.
    func neighbours(_ state: Int, blank: Int, on: Bool = false) -> [Int] {
      let step = on ? 1 : -1
      var found = [state]
      if states.indices.contains(state + step) { found.append(state + step) }
      let far = state + 2 * step
      if states.indices.contains(far), states[state] != blank, states[state] != states[far] { found.append(far) }
      return found
    }
    /// A way ends on the last label or on the blank after it.
    var ends: [Int] { states.count > 1 ? [states.count - 2, states.count - 1] : [0] }
  }

  let samples: [Sample]
  let blank: Int
  /// `[n, t, k]`
  let shape: [Int]
  /// Whether the prediction has an axis of samples.
  let hasSamples: Bool

  /// - Parameter prediction: logarithms of probabilities, `[t, k]` or `[n, t, k]`.
  init?(_ prediction: Tensor, _ target: Tensor, blank: Int, frames: Tensor?) {
    hasSamples = prediction.rank == 3
    guard prediction.rank == 2 || hasSamples, target.rank == prediction.rank - 1, prediction.count > 0 else {
      return nil
    }
    shape = hasSamples ? prediction.shape.dimensions : [1] + prediction.shape.dimensions
    guard shape[1] * shape[2] <= Self.mostNumbers else { return nil }
    self.blank = blank
    let (steps, classes, width) = (shape[1], shape[2], target.shape.last)
    var samples: [Sample] = []
    for sample in 0..<shape[0] {
      let word = (0..<width).map { Int(target[flat: sample * width + $0]) }.prefix { $0 != blank }
      guard word.allSatisfy({ (0..<classes).contains($0) }) else { return nil }
      let count = frames.map { Int($0[flat: $0.count == 1 ? 0 : sample]) } ?? steps
      guard (1...steps).contains(count) else { return nil }
      let states = [blank] + word.flatMap { [$0, blank] }
      samples.append(
        Self.sample(states, count, blank) { prediction[flat: (sample * steps + $0) * classes + states[$1]] })
    }
    self.samples = samples
  }

  private static let mostNumbers = 1_000_000

  private static func sample(_ states: [Int], _ steps: Int, _ blank: Int, _ log: (Int, Int) -> Double) -> Sample {
    let never = -Double.infinity
    var forward = [[Double]](repeating: Array(repeating: never, count: states.count), count: steps)
    var backward = forward
    var counts = states.indices.map { $0 < 2 ? 1.0 : 0 }
    let empty = Sample(states: states, steps: steps, forward: [], backward: [], total: 0, count: 0)
    for state in states.indices.prefix(2) { forward[0][state] = log(0, state) }
    for step in 1..<max(1, steps) {
      let before = counts
      for state in states.indices {
        let from = empty.neighbours(state, blank: blank)
        forward[step][state] = log(step, state) + added(from.map { forward[step - 1][$0] })
        counts[state] = from.reduce(0) { $0 + before[$1] }
      }
    }
    for state in empty.ends { backward[steps - 1][state] = 0 }
    for step in (0..<max(0, steps - 1)).reversed() {
      for state in states.indices {
        backward[step][state] = added(
          empty.neighbours(state, blank: blank, on: true).map { to in
            let isAllowed = to < state + 2 || empty.neighbours(to, blank: blank).contains(state)
            return isAllowed ? log(step + 1, to) + backward[step + 1][to] : never
          })
      }
    }
    return Sample(
      states: states, steps: steps, forward: forward, backward: backward,
      total: added(empty.ends.map { forward[steps - 1][$0] }), count: empty.ends.reduce(0) { $0 + counts[$1] })
  }

  /// `ln(∑ exp(x))`
  private static func added(_ numbers: [Double]) -> Double {
    let largest = numbers.reduce(-.infinity) { max($0, $1) }
    guard largest.isFinite, let exp = elementaryFunction("exp"), let ln = elementaryFunction("ln") else {
      return largest
    }
    return largest + ln([numbers.reduce(0) { $0 + exp([$1 - largest]) }])
  }

  /// Whether the probabilities themselves are numbers and not 0 for a computer.
  var hasProbabilities: Bool { samples.allSatisfy { $0.total > -600 } }

  /// `γ[t,k]`: the share of the ways that are at label k at frame t.
  func share(_ sample: Int, _ step: Int, _ label: Int) -> Double {
    let own = samples[sample]
    guard step < own.steps, let exp = elementaryFunction("exp") else { return 0 }
    return own.states.indices.filter { own.states[$0] == label }.reduce(0) {
      $0 + exp([own.forward[step][$1] + own.backward[step][$1] - own.total])
    }
  }
}
