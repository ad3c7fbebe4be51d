#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `base` to a power that need not be whole.
func elementaryPower(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// Functions of one number that formulas name otherwise than the language does, or that are asked for without it.
func elementaryFunction(_ name: String) -> (([Double]) -> Double)? {
  switch name {
  case "exp": { exp($0[0]) }
  case "ln", "log": { log($0[0]) }
  case "tanh": { tanh($0[0]) }
  case "σ", "sigmoid": { 1 / (1 + exp(-$0[0])) }
  case "√", "sqrt": { $0[0].squareRoot() }
  case "|", "abs": { $0[0].magnitude }
  case "relu": { $0[0] > 0 ? $0[0] : 0 }
  case "sin": { sin($0[0]) }
  case "cos": { cos($0[0]) }
  case "max": { $0.reduce(-.infinity) { $1.isNaN ? $1 : Swift.max($0, $1) } }
  case "min": { $0.reduce(.infinity) { $1.isNaN ? $1 : Swift.min($0, $1) } }
  default: nil
  }
}
