import Synchronization

/// The most bytes one tensor may take, so that a slip of the finger is an error and not a machine that swaps.
public enum MemoryLimit {
  private static let limit = Atomic<Int>(4 << 30)

  /// The limit in bytes; 4 GiB unless the session says otherwise.
  public static var bytes: Int { limit.load(ordering: .relaxed) }

  /// Sets the limit for the whole process.
  public static func set(bytes: Int) { limit.store(bytes, ordering: .relaxed) }

  /// - Throws: `ShapeError.memory` if a tensor of this shape would be past the limit.
  public static func check(_ shape: Shape, _ type: ElementType) throws(ShapeError) {
    let bytes = shape.count * type.byteCount
    let limit = bytes > 65_536 ? Self.bytes : Int.max
    guard bytes <= limit else { throw .memory(shape: shape, bytes: bytes, limit: limit) }
  }
}
