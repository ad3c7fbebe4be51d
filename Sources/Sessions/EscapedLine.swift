/// An input as one line of a file, whatever stands in it.
package enum EscapedLine {
  /// One line without control characters: `\n`, `\\`, and `\x1b` for the others.
  package static func escape(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": line.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": line.append(contentsOf: "\\n".unicodeScalars)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        line.append(contentsOf: (digits.count == 1 ? "\\x0" : "\\x").unicodeScalars)
        line.append(contentsOf: digits.unicodeScalars)
      default: line.append(scalar)
      }
    }
    return String(line)
  }

  /// The text of a line; what is no escape stands for itself.
  package static func unescape(_ line: String) -> String {
    guard line.utf8.contains(0x5C) else { return line }
    var text = String.UnicodeScalarView()
    var rest = line.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let mark = rest.first else {
        text.append(scalar)
        continue
      }
      switch mark {
      case "\\", "n":
        text.append(mark == "n" ? "\n" : "\\")
        rest.removeFirst()
      case "x":
        let digits = rest.dropFirst().prefix(2)
        if digits.count == 2, let value = UInt8(String(digits), radix: 16), value < 0x20 || value == 0x7F {
          text.append(Unicode.Scalar(value))
          rest = rest.dropFirst(3)
        } else {
          text.append(scalar)
        }
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
