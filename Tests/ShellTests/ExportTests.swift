import Display
import Language
import Sessions
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A session file in another folder")
struct OtherFolderTests {
  @Test("says which file it reads and would not find there")
  func elsewhere() throws {
    var template = Array("/tmp/nabla-other-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(mkdir(folder + "/there", 0o700) == 0)
    let console = Console(settings: Settings(folder: folder))
    console.keepRecord()
    _ = console.answer("save(\"a.csv\", [1, 2]); words = \"there is no file of this name\"")
    _ = console.answer("x = csv(\"a.csv\")")
    #expect(!console.respond(to: ":save here.md").lines.contains { $0.contains("beside it") })
    let lines = console.respond(to: ":save \(folder)/there/session.md").lines
    #expect(lines.contains("  it reads a.csv, which has to lie beside it to be found again"), "\(lines)")
  }
}

@Suite("A page")
struct ExportTests {
  /// The tags of a page, by their names.
  private func tags(_ page: String) -> Set<String> {
    var names = Set<String>()
    for piece in page.split(separator: "<").dropFirst() {
      names.insert(String(piece.prefix { !" >\n".contains($0) }.filter { $0 != "/" }))
    }
    return names
  }

  /// A page without its tags.
  private func words(_ page: String) -> String {
    page.split(separator: "<", omittingEmptySubsequences: false).map { $0.drop { $0 != ">" }.dropFirst() }.joined()
  }

  private let ours: Set<String> = [
    "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "pre", "span", "code", "strong",
    "em",
    "ul", "ol", "li", "table", "tr", "td", "div", "details", "summary", "math", "mrow", "mi", "mo", "mn", "mfrac",
    "msub",
    "msup", "msubsup", "mover", "munder", "munderover", "msqrt", "mtext", "mtable", "mtr", "mtd", "mspace", "mroot",
  ]

  @Test("of a session shows what was typed and answered, and a formula as MathML")
  func session() throws {
    var template = Array("/tmp/nabla-export-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let console = Console(settings: Settings(folder: folder))
    console.keepRecord()
    _ = console.answer("x = [1, 2]; f(a) = {\n  a < 2  # & so\n}")
    _ = console.answer("x * 2")
    _ = console.answer(":formula D1.mse")
    #expect(console.respond(to: ":export page").lines == ["  3 inputs with their answers, \(folder)/page.html"])
    let page = try FileText.read(folder + "/page.html")
    #expect(page.contains("<span class=\"prompt\">&gt;&gt;&gt; </span>x * 2"))
    #expect(page.contains("a &lt; 2  # &amp; so"))
    #expect(words(page).contains("ans : [2] = [2, 4]") && page.contains("<math xmlns"))
    #expect(tags(page).isSubset(of: ours), "\(tags(page).subtracting(ours))")
    #expect(console.record?.entries.count == 3)
    #expect(console.respond(to: ":export").error == "E0804")
    #expect(console.respond(to: ":export page.txt").error == "E0842")
    #expect(console.respond(to: ":export /proc/none/page").error == "E0841")
    console.settings.isConfined = true
    #expect(console.respond(to: ":export other").error == "E0842")
  }

  @Test("of any text is text: no tag, no script, no reference, no control character of the file is one of the page")
  func escaping() throws {
    let evil = "<script>alert(1)</script> <img src=x onerror=\"y\"> &amp; \u{1B}[2J ]]> --> </pre></style>"
    let text = """
      ---
      title: \(evil)
      ---
      # \(evil)

      \(evil) `\(evil)` **\(evil)** $\(evil)$

      - \(evil)

      | \(evil) | b |

      ```html
      \(evil)
      ```
      ```nabla quiz hint="<b>h</b> \u{1B}"
      \(evil)
      >>> "\(evil)"
      \(evil)
      ```
      """
    let page = HTMLPage(try Transcript(text), name: evil).html
    #expect(tags(page).isSubset(of: ours), "\(tags(page).subtracting(ours))")
    #expect(!page.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test("of every lesson draws its formulas, and leaves no mark of Markdown in its prose")
  func lessons() throws {
    let folder = String(#filePath.dropLast("/Tests/ShellTests/ExportTests.swift".count)) + "/tutorials"
    for path in try FileText.files(at: folder, suffix: ".md") {
      let page = HTMLPage(try Transcript(try FileText.read(path)), name: "lesson").html
      #expect(tags(page).isSubset(of: ours), "\(path): \(tags(page).subtracting(ours))")
      for line in page.split(separator: "\n") where line.hasPrefix("<p>") || line.hasPrefix("<li>") {
        #expect(!line.contains("**") && !line.contains("$") && !line.contains("`"), "\(path): \(line)")
      }
    }
  }
}
