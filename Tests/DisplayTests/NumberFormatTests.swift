import Testing

@testable import Display

@Suite("Numbers")
struct NumberFormatTests {
  @Test("A number prints as exact decimal arithmetic prints it", arguments: rows(PrintedNumbers.single))
  func single(row: [String]) {
    #expect(NumberFormat(digits: Int(row[1])!).text(number(row[0])) == row[2])
  }

  @Test("A number prints with a fixed number of decimals, half to even", arguments: rows(PrintedNumbers.fixed))
  func fixed(row: [String]) {
    let format = NumberFormat()
    #expect(format.text(number(row[0]), decimals: Int(row[1])!) == row[2])
    #expect(format.shortText(number(row[0]), decimals: Int(row[1])!) == row[3])
  }

  @Test("The numbers of a tensor share their decimals", arguments: lines(PrintedNumbers.families))
  func families(line: String) {
    let parts = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
    let numbers = parts[1].map(number)
    let family = NumberFamily(of: numbers, format: NumberFormat(digits: Int(parts[0][0])!))
    #expect(numbers.map(family.text).joined(separator: ", ") == parts[2].joined(separator: " "))
  }

  @Test("What is printed reads back as the number, to half a unit of the last digit", arguments: 1...200)
  func roundTrip(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    for _ in 0..<50 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      for digits in [1, 3, 5, 9, 17] {
        let text = NumberFormat(digits: digits).text(number)
        let back = try #require(Double(text))
        let tolerance = 0.5000001 * Self.powerOfTen(1 - digits)
        #expect((back - number).magnitude <= tolerance * number.magnitude, "\(number) printed as \(text)")
        if number != 0 { #expect(back != 0) }
      }
      #expect(Double(NumberFormat(digits: 17).text(number)) == number)
    }
  }

  @Test("A number of f32 prints by its own shortest decimal")
  func single() {
    let format = NumberFormat(digits: 5, precision: .f32)
    #expect(format.text(Double(Float(0.1))) == "0.1")
    #expect(format.text(Double(Float(0.1) + Float(0.2))) == "0.3")
    #expect(format.text(Double(Float(1) / 3)) == "0.33333")
    #expect(format.text(Double(Float(16_777_216))) == "16777216")
    #expect(format.text(1e300) == "1e300")
  }

  @Test("Norms have three digits, counts have commas, shares have a percent sign")
  func tables() {
    #expect(
      [0, 2.4149, 0.08, 0.00526, 0.000914, 2.9e-14, 56.57, 1234].map(NumberFormat.norm)
        == ["0", "2.41", "0.0800", "0.00526", "9.1e-4", "2.9e-14", "56.6", "1230"])
    #expect(
      [0, 12, 999, 1000, 1_179_776, -18_496].map(NumberFormat.count)
        == ["0", "12", "999", "1,000", "1,179,776", "-18,496"])
    #expect(NumberFormat.percent(0.0154) == "1.5 %")
  }

  @Test("A family out of the range of plain notation goes to e-notation, whole numbers stay whole below 1e9")
  func range() {
    func texts(_ numbers: [Double]) -> [String] {
      let family = NumberFamily(of: numbers, format: NumberFormat())
      return numbers.map(family.text)
    }
    #expect(texts([2.5e-5, 1e-5]) == ["2.5e-5", "1.0e-5"])
    #expect(texts([1_234_567, 1]) == ["1234567", "1"])
    #expect(texts([1_234_567.5, 1]) == ["1.2346e6", "1.0000e0"])
    #expect(texts([1e9, 0]) == ["1.0e9", "0.0e0"])
    #expect(texts([.infinity, .nan, 0.5]) == ["inf", "nan", "0.5"])
    #expect(texts([]) == [])
  }

  private static func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)")! }
}

func lines(_ table: String) -> [String] { table.split(separator: "\n").map(String.init) }

func rows(_ table: String) -> [[String]] { lines(table).map { $0.split(separator: " ").map(String.init) } }

func number(_ bits: String) -> Double { Double(bitPattern: UInt64(bits, radix: 16)!) }

/// Random bits for property tests (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
