import KernelInterface

// Benchmarks SUITE [THREADS] [WORD]: one line for each piece of work, its name, a tab, and the least microseconds it took; with a
// word only what has it in its name. compare.py runs a suite beside its peers and prints ratios.

/// The suites; each prints its lines.
let suites: [(name: String, run: () -> Void)] = [
  ("matrix", benchmarkMatrixProducts),
  ("convolution", benchmarkConvolutions),
  ("elementwise", benchmarkElementwise),
  ("small", benchmarkSmallTensors),
  ("training", benchmarkTraining),
  ("sequences", benchmarkSequences),
  ("equations", benchmarkEquations),
  ("memory", benchmarkMemory),
  ("fashion", trainOnFashion),
]

let arguments = CommandLine.arguments
if arguments.count > 2, let threads = Int(arguments[2]) { Parallel.threads = threads }
if let suite = suites.first(where: { arguments.count > 1 && $0.name == arguments[1] }) {
  suite.run()
} else {
  print(
    "usage: Benchmarks SUITE [THREADS] [WORD], where SUITE is one of: \(suites.map(\.name).joined(separator: ", "))")
}
