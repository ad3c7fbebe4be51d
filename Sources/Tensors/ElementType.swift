import KernelInterface
import Kernels

/// The precision of a tensor's elements.
public enum ElementType: UInt8, Sendable, Hashable, CaseIterable {
  case float32, float64

  /// The bytes of one element.
  public var byteCount: Int { self == .float32 ? 4 : 8 }

  /// The language's name: `f32` or `f64`.
  public var name: String { self == .float32 ? "f32" : "f64" }

  /// The precision of a result of operands of these two: the finer one.
  public static func joining(_ a: ElementType, _ b: ElementType) -> ElementType {
    a == .float64 || b == .float64 ? .float64 : .float32
  }
}

/// A scalar that tensors can hold: `Float` or `Double`.
public protocol Scalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  static var elementType: ElementType { get }
  /// The kernels for this scalar that the processor runs best.
  static var kernels: KernelTable<Self> { get }
}

extension Float: Scalar {
  public static var elementType: ElementType { .float32 }
  public static let kernels: KernelTable<Float> = Instructions.best.floatKernels
}

extension Double: Scalar {
  public static var elementType: ElementType { .float64 }
  public static let kernels: KernelTable<Double> = Instructions.best.doubleKernels
}
