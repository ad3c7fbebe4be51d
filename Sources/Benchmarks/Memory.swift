import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The memory that training takes: at most, with the network of D4, and over ten thousand steps. memory.py holds it beside PyTorch's.
func benchmarkMemory() {
  var random = RandomGenerator(seed: 1)
  func dense(_ inputs: Int, _ outputs: Int) -> Dense {
    Dense(inputs, outputs, elementType: .float32, random: &random)
  }
  run(networkOfD4(&random), NegativeLogLikelihood(), steps: 100, [1, 28, 28]) { _ in }
  print("training D4's network, batch 64, at most\t\(megabytes(peakResident()))")

  let steps = 10_000
  let small = Network(Flatten(), dense(784, 128), FunctionLayer.relu, dense(128, 10))
  run(small, CrossEntropy(), steps: steps, [1, 28, 28]) { step in
    if step == steps / 10 || step == steps { print("784-128-10 after \(step) steps\t\(megabytes(resident()))") }
  }
  guard let lstm = try? LSTM(28, 32, givesLast: true, elementType: .float32, random: &random) else { return }
  run(Network(lstm, dense(32, 10)), CrossEntropy(), steps: steps, [8, 28]) { step in
    if step == steps / 10 || step == steps { print("LSTM of 32 units after \(step) steps\t\(megabytes(resident()))") }
  }
}

/// Trains with batches of 64 for some steps, and says after each which it was.
private func run(
  _ network: Network, _ loss: any Loss, steps: Int, _ sample: Shape, _ report: (Int) -> Void
) {
  var step = 0
  do {
    let plan = TrainingPlan(loss: loss, optimizer: Adam(0.001), epochs: 1_000_000, batch: 64)
    _ = try train(network, on: images(sample), plan) { _ in
      step += 1
      report(step)
      return step >= steps ? .stop : .proceed
    }
  } catch {
    print("\(error)")
  }
}

private func megabytes(_ bytes: Int) -> Double { (Double(bytes) / 1e5).rounded() / 10 }

/// The most bytes that were ever resident.
private func peakResident() -> Int {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}

/// The bytes resident now; at most ever, where the system does not say.
private func resident() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return peakResident() }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return peakResident() }
  let words = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.split(separator: " ")
  return (Int(words[1]) ?? 0) * Int(getpagesize())
}
