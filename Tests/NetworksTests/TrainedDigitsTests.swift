import KernelInterface
import Tensors
import Testing

/// Serialized: a test sets the number of threads, which the whole process shares.
@Suite(.serialized) struct TrainedDigitsTests {
  /// The checksums, by the bits of the vectors: sums are taken in as many parts as a vector has lanes. Debug and release, one thread and
  /// two must come to the same numbers: `NABLA_VECTOR_BITS=128 swift test -c release -Xswiftc -enable-testing --filter TrainedDigits`.
  /// Where the order of a sum was changed on purpose, the new number of every line stands in the failure.
  private static let known: [String: UInt64] = [
    "convolutional f32 128": 0xfd0d_18f6_58f6_b186,
    "convolutional f64 128": 0xef32_2969_6ca3_7aef,
    "dense f32 128": 0x2d70_efb7_151a_c339,
    "dense f64 128": 0x9e01_a212_cf4e_0f79,
    "recurrent f32 128": 0xdd7d_02e2_5c92_840f,
    "recurrent f64 128": 0x27ff_b7a8_0445_782d,
    "convolutional f32 256": 0xf207_d846_c3ad_a93b,
    "convolutional f64 256": 0x1264_d573_cb9e_6016,
    "dense f32 256": 0x61d4_2ac4_c35c_6f11,
    "dense f64 256": 0x94c7_ffa0_8af6_36c3,
    "recurrent f32 256": 0x20ca_8efd_d65a_ba17,
    "recurrent f64 256": 0x57a7_b068_e8a0_8123,
    "convolutional f32 512": 0x8fc8_3b31_8bc5_4e5d,
    "convolutional f64 512": 0x3ab0_ff3b_1156_387e,
    "dense f32 512": 0x158d_eb6c_395f_f1e3,
    "dense f64 512": 0x58e8_5552_626f_ade5,
    "recurrent f32 512": 0x3570_ef4d_a433_feab,
    "recurrent f64 512": 0x1c24_9cd6_ff22_8238,
  ]

  @Test(
    "A short training comes to the same bits in every run, on one thread and on two, in debug and in release",
    arguments: TrainedDigits.allCases, precisions)
  func bits(kind: TrainedDigits, type: ElementType) throws {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = 1
    let alone = try kind.checksum(type)
    #expect(try kind.checksum(type) == alone, "another run")
    Parallel.threads = 2
    #expect(try kind.checksum(type) == alone, "two threads")
    // Another processor's compiler may join products and sums; the numbers are those of x86-64.
    #if arch(x86_64)
      let name = "\(kind) \(type == .float64 ? "f64" : "f32") \(Instructions.best.rawValue)"
      let line = "\"\(name)\": 0x\(String(alone, radix: 16)),"
      #expect(Self.known[name] == alone, "the training came to \(line)")
    #endif
  }
}
