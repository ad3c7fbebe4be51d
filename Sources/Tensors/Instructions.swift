import CProcessor
import KernelInterface
import Kernels

#if arch(x86_64)
  import VectorKernels256
  import VectorKernels512
#endif

/// The instruction sets for which the kernels were compiled.
public enum Instructions: Int, Sendable, CaseIterable {
  case baseline = 128
  case vector256 = 256
  case vector512 = 512

  /// The widest set this processor runs; `NABLA_VECTOR_BITS=128` (or 256) asks for a narrower one, to test it.
  public static let best: Instructions = {
    var bits = Int(nabla_vector_bits())
    if let asked = environment("NABLA_VECTOR_BITS").flatMap({ Int($0) }) { bits = min(bits, asked) }
    return allCases.last { $0.rawValue <= bits } ?? .baseline
  }()

  package var floatKernels: KernelTable<Float> {
    #if arch(x86_64)
      switch self {
      case .baseline: Kernels.floatKernels
      case .vector256: VectorKernels256.floatKernels
      case .vector512: VectorKernels512.floatKernels
      }
    #else
      Kernels.floatKernels
    #endif
  }

  package var doubleKernels: KernelTable<Double> {
    #if arch(x86_64)
      switch self {
      case .baseline: Kernels.doubleKernels
      case .vector256: VectorKernels256.doubleKernels
      case .vector512: VectorKernels512.doubleKernels
      }
    #else
      Kernels.doubleKernels
    #endif
  }
}
