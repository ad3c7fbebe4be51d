import Display
import Interchange
import Tensors

extension BuiltinCatalogue {
  /// Values in files: nabla's own, and what other programs read.
  static let files: [Builtin] = [
    Builtin(
      "save(path, value)", .data,
      "Writes a value to a file, whole or not at all; load reads the same value back, to the last bit. What ends in "
        + ".png or .csv is written as an image or a table, a sound (x:, rate:) as .wav.",
      shapes:
        "any value; nabla's format: 89 \"nabla\" CR LF, version, one value, CRC-32; "
        + "functions are kept as text, with the values they hold; .png: [h, w] or [c, h, w], from 0 to 1",
      example: ("save(\"weights.nabla\", (W: [1, 2; 3, 4], b: 0.5))", "")
    ) { call in try call.save() },
    Builtin(
      "load(path)", .data, "The value that save wrote to a file.", shapes: "as it was saved",
      example: ("load(\"numbers.nabla\")", "[0.1, 0.2]")
    ) { call in
      let path = try call.path(0)
      return try call.reading(0) {
        do {
          return try call.site.value(try StoredValue.read(path))
        } catch let problem as StoringProblem {
          throw FileProblem(path, .corrupt(problem.message))
        }
      }
    },
    Builtin(
      "text(path)", .data, "A file as a string; gzip is undone.", shapes: "→ a string",
      example: ("size(text(\"hello.txt\"))", "5")
    ) { call in
      let path = try call.path(0)
      return try call.reading(0) { .string(String(decoding: try Files.decompressedBytes(path), as: UTF8.self)) }
    },
    Builtin(
      "png(path)", .data, "An image from a PNG file, numbers from 0 to 1.",
      shapes: "→ [channels, h, w]: 1 for grey, 3 for colours, one more for how opaque a place is",
      example: ("png(\"grey.png\")", "[[0, 1; 0.2, 0.4]]")
    ) { call in
      let path = try call.path(0)
      return try call.reading(0) { Value(try PNG.read(path, call.type)) }
    },
    Builtin(
      "wav(path)", .data, "A sound from a WAV file: samples from -1 to 1, and how many of them are a second.",
      shapes: "→ (x: [n] or [channels, n], rate: a number)", example: ("wav(\"beep.wav\").rate", "8000")
    ) { call in
      let path = try call.path(0)
      return try call.reading(0) {
        let sound = try WAV(path: path, call.type)
        return .record(Record(names: ["x", "rate"], values: [Value(sound.samples), .number(Double(sound.rate))]))
      }
    },
  ]
}

extension BuiltinCall {
  fileprivate func save() throws -> Value {
    if machine.isTrial { throw Fault.stopped }
    let path = try writingPath(0)
    let value = self[1]
    return try reading(0) {
      let count: Int
      if path.hasSuffix(".png") {
        guard let image = value.tensor(type) else { throw wrong(1, "an image, [h, w] or [c, h, w],") }
        count = try PNG.write(image.detached, to: path)
      } else if path.hasSuffix(".wav") {
        guard case .record(let record) = value, let x = record["x"]?.tensor(type),
          case .number(let rate)? = record["rate"], let whole = Int(exactly: rate)
        else { throw wrong(1, "a sound, (x: …, rate: 8000),") }
        count = try WAV.write(x.detached, rate: whole, to: path)
      } else if path.hasSuffix(".csv") {
        guard let table = value.tensor(type), table.rank == 1 || table.rank == 2 else {
          throw wrong(1, "a table, [n, k],")
        }
        let bytes = CSVTable.text(table.detached)
        try Files.write(bytes, to: path)
        count = bytes.count
      } else {
        do {
          let stored = try value.stored()
          // What could not be read back is not written in the first place.
          if case .dataset = value {} else { _ = try site.value(stored) }
          count = try stored.write(to: path)
        } catch let problem as StoringProblem {
          throw machine.failure("E0303", "this value cannot be saved: \(problem.message)", at: argumentSite(1))
        }
      }
      machine.output(Document([Line("  \(try string(0)) written, \(count) bytes", .dim)]))
      return .nothing
    }
  }
}
