import Interchange
import Tensors
import Testing

@Suite("Nabla's own files") struct StoredValueTests {
  private func roundTrip(_ value: StoredValue) throws -> StoredValue {
    let scratch = try Scratch()
    let path = scratch.path + "/x.nabla"
    let count = try value.write(to: path)
    #expect(try Files.bytes(path).count == count)
    return try StoredValue.read(path)
  }

  private static let sample = StoredValue.record([
    ("a", .number(-0.0)),
    ("b", .list([.string("é\n"), .tensor(Tensor([1, .nan, -.infinity, .leastNonzeroMagnitude]))])),
    ("c", .tagged("thing", [.bytes([0, 255, 7]), .tensor(Tensor([0.1], shape: [1, 1], .float32))])),
    ("d", .tensor(Tensor.zeros([3, 0]))), ("e", .tensor(Tensor(2.5))),
  ])

  @Test("keep every bit of every number") func bits() throws {
    guard case .record(let fields) = try roundTrip(Self.sample) else {
      Issue.record("a record")
      return
    }
    #expect(fields.map(\.name) == ["a", "b", "c", "d", "e"])
    guard case .number(let zero) = fields[0].value, case .list(let items) = fields[1].value,
      case .string(let text) = items[0], case .tensor(let x) = items[1],
      case .tagged(let tag, let parts) = fields[2].value, case .bytes(let bytes) = parts[0],
      case .tensor(let single) = parts[1], case .tensor(let empty) = fields[3].value,
      case .tensor(let scalar) = fields[4].value
    else {
      Issue.record("as written")
      return
    }
    #expect(zero.sign == .minus && zero == 0)
    #expect(text == "é\n" && tag == "thing" && bytes == [0, 255, 7])
    #expect(
      x.elements.map(\.bitPattern) == ([1.0, .nan, -.infinity, .leastNonzeroMagnitude] as [Double]).map(\.bitPattern))
    #expect(single.elementType == .float32 && single.shape == [1, 1] && single.item == Double(Float(0.1)))
    #expect(empty.shape == [3, 0] && scalar.shape == [] && scalar.item == 2.5)
  }

  @Test("cut anywhere or with any byte changed are refused without a trap") func damage() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/x.nabla"
    _ = try Self.sample.write(to: path)
    let bytes = try Files.bytes(path)
    for end in 0..<bytes.count {
      let cut = try scratch.file("cut", Array(bytes[..<end]))
      #expect(throws: FileProblem.self) { try StoredValue.read(cut) }
    }
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x41
      let file = try scratch.file("changed", changed)
      #expect(throws: FileProblem.self) { try StoredValue.read(file) }
    }
  }

  @Test("of another kind are named for what they are") func others() throws {
    let scratch = try Scratch()
    func found(_ bytes: [UInt8]) throws -> String {
      let path = try scratch.file("x", bytes)
      return #expect(throws: FileProblem.self) { try StoredValue.read(path) }?.explanation ?? ""
    }
    #expect(try found(Array("1,2\n".utf8)).hasSuffix("this is a text: text(path) or csv(path) reads it"))
    #expect(try found([0x89, 0x50, 0x4e, 0x47]).hasSuffix("this is a PNG image: png(path) reads it"))
    #expect(try found([]).hasSuffix("this is an empty file"))
    let newer: [UInt8] = [0x89, 0x6e, 0x61, 0x62, 0x6c, 0x61, 0x0d, 0x0a, 9, 0, 0, 0, 0, 0, 0, 0]
    #expect(try found(newer).hasSuffix("this is version 9, of a newer nabla"))
  }

  @Test("are written whole or not at all") func atomic() throws {
    let scratch = try Scratch()
    #expect(throws: FileProblem.self) { try Self.sample.write(to: scratch.path + "/none/x") }
    let path = try scratch.file("folder.nabla", [1])
    _ = try StoredValue.number(1).write(to: path)
    guard case .number(1) = try StoredValue.read(path) else {
      Issue.record("the new value")
      return
    }
  }
}

@Suite("Images and sounds") struct MediaTests {
  @Test("PNG keeps 8 bits of 1 to 4 channels", arguments: 1...4) func png(channels: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/x.png"
    let numbers = (0..<(channels * 3 * 5)).map { Double(($0 * 37) % 256) / 255 }
    let image = Tensor(numbers, shape: [channels, 3, 5])
    _ = try PNG.write(image, to: path)
    let again = try PNG.read(path)
    #expect(again.shape == [channels, 3, 5] && again.elements == numbers)
    _ = try PNG.write(Tensor([-1, 2, .nan, 0.5], shape: [2, 2]), to: path)
    #expect(try PNG.read(path).elements == [0, 1, 0, 128 / 255.0])
    #expect(throws: ShapeError.self) { try PNG.write(Tensor.zeros([5, 2, 2]), to: path) }
  }

  /// Images that Python's zlib and struct wrote by the book: every filter, a palette of 2 bits, 16 bits, 1 bit.
  @Test("PNG files of others are read", arguments: PNGSamples.all.indices) func others(index: Int) throws {
    let sample = PNGSamples.all[index]
    let scratch = try Scratch()
    let image = try PNG.read(try scratch.file("x.png", sample.bytes))
    #expect(image.shape == Shape(sample.shape))
    for (found, wanted) in zip(image.elements, sample.numbers) { #expect(abs(found - wanted) < 1e-12) }
  }

  @Test("A damaged PNG is refused at every byte that matters, without a trap") func damagedPNG() throws {
    let scratch = try Scratch()
    let bytes = PNGSamples.all[0].bytes
    for end in 0..<(bytes.count - 12) {
      let path = try scratch.file("cut.png", Array(bytes[..<end]))
      #expect(throws: FileProblem.self) { try PNG.read(path) }
    }
    for place in 8..<bytes.count {
      var changed = bytes
      changed[place] ^= 0x10
      let path = try scratch.file("changed.png", changed)
      #expect(throws: FileProblem.self) { try PNG.read(path) }
    }
  }

  private func wav(kind: UInt8, channels: UInt8, bits: UInt8, _ data: [UInt8]) -> [UInt8] {
    func four(_ n: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
    let format: [UInt8] = [kind, 0, channels, 0] + four(8000) + four(0) + [0, 0, bits, 0]
    let note = Array("LIST".utf8) + four(3) + [1, 2, 3, 0]
    return Array("RIFF".utf8) + four(0) + Array("WAVEfmt ".utf8) + four(16) + format + note + Array("data".utf8)
      + four(data.count) + data
  }

  @Test("WAV of every width is read") func widths() throws {
    let scratch = try Scratch()
    func read(_ bytes: [UInt8]) throws -> WAV { try WAV(path: try scratch.file("x.wav", bytes)) }
    #expect(try read(wav(kind: 1, channels: 1, bits: 8, [0, 128, 192])).samples.elements == [-1, 0, 0.5])
    let stereo = try read(wav(kind: 1, channels: 2, bits: 16, [0, 0x40, 0, 0xc0, 0, 0x80, 0, 0]))
    #expect(stereo.samples.shape == [2, 2] && stereo.samples.elements == [0.5, -1, -0.5, 0] && stereo.rate == 8000)
    #expect(try read(wav(kind: 1, channels: 1, bits: 24, [0, 0, 0xc0, 0, 0, 0x20])).samples.elements == [-0.5, 0.25])
    #expect(try read(wav(kind: 1, channels: 1, bits: 32, [0, 0, 0, 0xc0])).samples.elements == [-0.5])
    #expect(try read(wav(kind: 3, channels: 1, bits: 32, [0, 0, 0x80, 0x3e])).samples.elements == [0.25])
    #expect(throws: FileProblem.self) { try read(wav(kind: 7, channels: 1, bits: 8, [1])) }
    #expect(throws: FileProblem.self) { try read(wav(kind: 1, channels: 0, bits: 8, [1])) }
    let whole = wav(kind: 1, channels: 1, bits: 8, [0, 128, 192])
    for end in 0..<whole.count { #expect(throws: FileProblem.self) { try read(Array(whole[..<end])) } }
  }

  @Test("WAV is written with 16 bits") func written() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/x.wav"
    _ = try WAV.write(Tensor([0.5, -1, 2, 0], shape: [2, 2]), rate: 44100, to: path)
    let again = try WAV(path: path)
    #expect(again.rate == 44100 && again.samples.elements == [0.5, -1, 32767 / 32768.0, 0])
  }
}

@Suite("CIFAR-10") struct CIFAR10Tests {
  @Test("Images and labels are read from the binary files, gzipped or not") func images() throws {
    let scratch = try Scratch()
    let first = [UInt8(3)] + [UInt8](repeating: 255, count: 1024) + [UInt8](repeating: 0, count: 2048)
    let second = [UInt8(9)] + [UInt8](repeating: 51, count: 3072)
    _ = try scratch.file("test_batch.bin", gzip(first + second))
    let data = try #require(try? CIFAR10.load(scratch.path, .test))
    #expect(data.count == 2 && data.sampleShape == [3, 32, 32] && data.labels == [3, 9])
    #expect(data.classNames[3] == "cat")
    let x = data.batch([0, 1]).x.elements
    #expect(x[0] == 1 && x[1024] == 0 && abs(x[3072] - 0.2) < 1e-15)
  }

  @Test("What is missing, cut short or no class is said") func problems() throws {
    let scratch = try Scratch()
    #expect(throws: FileProblem(scratch.path, .missing(["data_batch_1.bin"]))) {
      try CIFAR10.load(scratch.path, .train)
    }
    #expect(throws: FileProblem.self) { try CIFAR10.load(scratch.path + "/none", .train) }
    let path = try scratch.file("test_batch.bin", [UInt8](repeating: 1, count: 3072))
    #expect(throws: FileProblem(path, .truncated(found: 3072, expected: 3073))) {
      try CIFAR10.load(scratch.path, .test)
    }
    _ = try scratch.file("test_batch.bin", [UInt8](repeating: 11, count: 3073))
    #expect(throws: FileProblem.self) { try CIFAR10.load(scratch.path, .test) }
  }
}
