import KernelInterface
import Testing

@testable import Tensors

@Suite("Random numbers")
struct RandomTests {
  @Test("Philox gives the known answers of its authors")
  func knownAnswers() {
    #expect(
      Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test("bulk, parts and single draws give the same numbers", arguments: [0, 1, 7, 64] as [UInt64])
  func bulkEqualsSingles(start: UInt64) {
    func check<T: RandomScalar>(_: T.Type) {
      let origin = RandomGenerator(seed: 42, position: start)
      for count in [0, 1, 2, 5, 1000] {
        var (single, bulk, parts) = (origin, origin, origin)
        let singles = (0..<count).map { _ in single.normal(T.self) }
        var whole = [T](repeating: 0, count: count)
        whole.withUnsafeMutableBufferPointer { bulk.fillNormal($0) }
        var pieces = [T](repeating: 0, count: count)
        pieces.withUnsafeMutableBufferPointer { buffer in
          parts.fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[..<(count / 3)]))
          parts.fillNormal(UnsafeMutableBufferPointer(rebasing: buffer[(count / 3)...]))
        }
        #expect(singles == whole)
        #expect(singles == pieces)
        #expect(single == bulk)
        #expect(single == parts)
        var (one, all) = (origin, origin)
        let uniforms = (0..<count).map { _ in one.uniform(T.self) }
        whole.withUnsafeMutableBufferPointer { all.fillUniform($0) }
        #expect(uniforms == whole)
        (one, all) = (origin, origin)
        let mask = (0..<count).map { _ in one.bernoulli(0.3) ? T(2) : 0 }
        whole.withUnsafeMutableBufferPointer { all.fillMask($0, probability: 0.3, value: 2) }
        #expect(mask == whole)
        #expect(one == all)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("every instruction set and any number of threads draw the same numbers", arguments: runnableInstructions)
  func instructions(instructions: Instructions) {
    func check<T: KernelScalar & RandomScalar>(_: T.Type) {
      let count = 40_001
      let draws: [RandomDraw<T>] = [.uniform, .normal, .mask(probability: 0.4, value: 1.5)]
      for draw in draws {
        for position: UInt64 in [0, 3] {
          func numbers() -> [T] {
            [T](unsafeUninitializedCapacity: count) { buffer, size in
              T.kernels(instructions).random(
                draw, RandomWords(seed: 12, stream: 1 << 40, position: position), buffer.baseAddress!, count)
              size = count
            }
          }
          #expect(isSameFromAnyNumberOfThreads(numbers))
          var single = RandomGenerator(seed: 12, stream: 1 << 40, position: position)
          let isEqual = numbers().allSatisfy { number in
            switch draw {
            case .uniform: number == single.uniform(T.self)
            case .normal: number == single.normal(T.self)
            case .mask(let probability, let value): number == (single.bernoulli(probability) ? value : 0)
            }
          }
          #expect(isEqual, "\(draw) from \(position)")
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test("the first numbers of a seed never change")
  func pinnedStream() {
    var generator = RandomGenerator(seed: 1)
    let words = (0..<3).map { _ in generator.next() }
    #expect(words == RandomTests.wordsOfSeedOne)
    generator.position = 0
    #expect((0..<3).map { _ in generator.normal(Double.self) } == RandomTests.normalsOfSeedOne)
    generator.position = 0
    #expect(generator.permutation(8) == RandomTests.permutationOfSeedOne)
    generator.position = 0
    #expect(generator.split() == RandomGenerator(seed: words[0], stream: words[1]))
  }

  static let wordsOfSeedOne: [UInt64] = [0xE50A_0EBC_E3E8_0670, 0xB615_AA27_95F2_22C0, 0xDFC5_CCBE_AC08_141B]
  static let normalsOfSeedOne: [Double] = [1.2518334262356443, 0.5570930630842973, 1.1460459748596201]
  static let permutationOfSeedOne: [Int] = [1, 0, 6, 2, 3, 5, 4, 7]

  @Test("the moments of 65 536 draws are those of the distributions")
  func moments() {
    let count = 1 << 16
    var generator = RandomGenerator(seed: 2026)
    var values = [Double](repeating: 0, count: count)
    func moment(_ power: Int) -> Double {
      var total = 0.0
      for value in values { total += (0..<power).reduce(1) { product, _ in product * value } }
      return total / Double(count)
    }
    values.withUnsafeMutableBufferPointer { generator.fillUniform($0) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    // Five standard errors each.
    #expect(abs(moment(1) - 0.5) < 5 * 0.2887 / 256)
    #expect(abs(moment(2) - 1 / 3.0) < 5 * 0.2982 / 256)
    values.withUnsafeMutableBufferPointer { generator.fillNormal($0) }
    #expect(abs(moment(1)) < 5.0 / 256)
    #expect(abs(moment(2) - 1) < 5 * 1.4143 / 256)
    #expect(abs(moment(3)) < 5 * 3.873 / 256)
    #expect(abs(moment(4) - 3) < 5 * 9.798 / 256)
    values.withUnsafeMutableBufferPointer { generator.fillMask($0, probability: 0.9) }
    #expect(abs(moment(1) - 0.9) < 5 * 0.3 / 256)
  }

  @Test("integers below a bound are equally likely, and streams are unrelated")
  func integers() {
    var generator = RandomGenerator(seed: 5)
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 { counts[generator.integer(below: 10)] += 1 }
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 10_000) * (Double($1) - 10_000) / 10_000 }
    #expect(chiSquare < 27.9)  // 99.9 % of nine degrees of freedom
    #expect(generator.integer(below: 1) == 0)
    #expect((0..<1000).allSatisfy { _ in (0..<Int.max).contains(generator.integer(below: .max)) })
    var (left, right) = (generator.split(), generator.split())
    var correlation = 0.0
    for _ in 0..<100_000 { correlation += left.normal(Double.self) * right.normal(Double.self) }
    #expect(abs(correlation / 100_000) < 5 / 316.0)
  }

  @Test("a permutation holds every number once")
  func permutations() {
    var generator = RandomGenerator(seed: 9)
    for count in [0, 1, 2, 3, 100] { #expect(generator.permutation(count).sorted() == Array(0..<count)) }
    var seen: [[Int]: Int] = [:]
    for _ in 0..<6000 { seen[generator.permutation(3), default: 0] += 1 }
    #expect(seen.count == 6)
    #expect(seen.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test("the normal quantile agrees with tables", arguments: NormalTable.rows)
  func quantile(row: NormalTable.Row) {
    let value = NormalQuantile.value(centred: row.centred)
    #expect(abs(value - row.quantile) <= 4e-16 * abs(row.quantile))
    #expect(NormalQuantile.value(centred: -row.centred) == -value)
  }
}

/// Φ⁻¹(½ + q) by mpmath with 50 digits.
enum NormalTable {
  struct Row: Sendable {
    let centred: Double
    let quantile: Double
  }
  static let rows: [Row] = [
    Row(centred: 5.551115123125783e-17, quantile: 1.3914582123358836e-16),
    Row(centred: 1e-09, quantile: 2.506628274631001e-09),
    Row(centred: 0.1, quantile: 0.25334710313579983),
    Row(centred: 0.25, quantile: 0.6744897501960817),
    Row(centred: 0.3, quantile: 0.8416212335729142),
    Row(centred: 0.424999, quantile: 1.4395244066035215),
    Row(centred: 0.425, quantile: 1.439531470938456),
    Row(centred: 0.4250001, quantile: 1.4395321773759004),
    Row(centred: 0.45, quantile: 1.6448536269514729),
    Row(centred: 0.49, quantile: 2.3263478740408408),
    Row(centred: 0.499, quantile: 3.090232306167813),
    Row(centred: 0.49999, quantile: 4.264890793922602),
    Row(centred: 0.4999999999, quantile: 6.361340889697422),
    Row(centred: 0.4999999999990905, quantile: 7.047700256664409),
    Row(centred: 0.4999999999999991, quantile: 7.956038125481531),
    Row(centred: 0.4999999999999999, quantile: 8.209536151601387),
    Row(centred: 0.49999999999999994, quantile: 8.292361075813595),
    Row(centred: 0.11898231354594568, quantile: 0.3028090673495706),
    Row(centred: 0.27211461264797593, quantile: 0.7458289081835678),
    Row(centred: 0.18497758327403963, quantile: 0.4816637470405579),
    Row(centred: 0.30196001929809724, quantile: 0.8486430195268798),
    Row(centred: 0.312860152054027, quantile: 0.8884854186091937),
    Row(centred: 0.032764429619906554, quantile: 0.08222079078925033),
    Row(centred: 0.006583995777437068, quantile: 0.01650437922894151),
    Row(centred: 0.41873454104823, quantile: 1.3966098790253645),
    Row(centred: 0.12967700716400382, quantile: 0.33099801401185847),
    Row(centred: 0.11716548052334819, quantile: 0.298044711046663),
    Row(centred: 0.4978224177552314, quantile: 2.851221313629483),
    Row(centred: 0.23513175376122397, quantile: 0.6284083133569613),
    Row(centred: 0.4182307256371944, quantile: 1.3932687105611774),
    Row(centred: 0.23817660434966748, quantile: 0.6377340887071272),
    Row(centred: 0.31953407027208097, quantile: 0.9135908816771114),
    Row(centred: 0.07530821201176197, quantile: 0.18990499790741905),
    Row(centred: 0.3174303291425942, quantile: 0.9056156135050641),
    Row(centred: 0.4340226535716484, quantile: 1.5064383080836026),
    Row(centred: 0.26159060519165067, quantile: 0.7114284252690377),
    Row(centred: 0.37062592810074513, quantile: 1.129354914848572),
  ]
}
