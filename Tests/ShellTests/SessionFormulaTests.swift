import Display
import Notation
import Sessions
import Testing

@testable import Shell

/// The formulas between dollars in the prose of what ships.
@Suite("Sessions and lessons")
struct SessionFormulaTests {
  /// One formula, and whether it stands on lines of its own.
  struct Found: CustomTestStringConvertible, Sendable {
    let tex: String
    let isBlock: Bool
    let file: String
    var testDescription: String { "\(file): \(tex)" }
  }

  static let formulas: [Found] = {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    return ["sessions", "tutorials"].flatMap { folder in
      let paths = (try? FileText.files(at: root + "/" + folder, suffix: ".md")) ?? []
      return paths.flatMap { path in
        found(in: (try? FileText.read(path)) ?? "", String(path.split(separator: "/").last!))
      }
    }
  }()

  private static func found(in text: String, _ file: String) -> [Found] {
    var isCode = false
    let prose = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.hasPrefix("```") { isCode.toggle() }
      return !isCode
    }.joined(separator: "\n").replacing(/`[^`\n]*`/, with: "")
    return prose.matches(of: /(\$\$?)([^$]+)\$\$?/).map {
      Found(tex: String($0.2), isBlock: $0.1 == "$$", file: file)
    }
  }

  @Test("have formulas that can be drawn within 80 columns", arguments: formulas)
  func drawn(_ found: Found) throws {
    let formula = try Formula(tex: found.tex)
    for style in [Style.plain, Style(ascii: true)] {
      let document = formula.drawing(style, width: 76).document()
      #expect(document.width >= 1 && document.width <= 78)
      // In ASCII a high fence ends in a backslash.
      #expect(style.ascii || !PlainWriter(style).write(document).contains("\\"))
    }
  }

  @Test("have formulas at all")
  func some() { #expect(Self.formulas.filter(\.isBlock).count > 10) }
}
