import Interchange
import Networks
import Tensors
import Testing

@Suite struct CSVTests {
  private func table(_ text: String, header: Bool? = nil) throws -> CSVTable {
    try CSVTable(Array(text.utf8), path: "t.csv", header: header)
  }

  @Test("Numbers in rows become a tensor") func numbers() throws {
    let table = try table("1, 2.5,-3\r\n\r\n4e2,.5,+6\n")
    #expect(table.header.isEmpty)
    #expect(try table.tensor().shape == [2, 3])
    #expect(try table.tensor().elements == [1, 2.5, -3, 400, 0.5, 6])
  }

  @Test("Short decimals are read to the last digit, long ones too") func digits() throws {
    let texts = [
      "0.1", "0.30000000000000004", "123456.789", "1e-300", "-2.2250738585072014e-308", "5.1", "9007199254740993",
    ]
    let numbers = try table(texts.joined(separator: "\n")).tensor().elements
    #expect(numbers == texts.map { Double($0) ?? .nan })
  }

  @Test("The first row is a header if it holds no number and the rest does") func header() throws {
    let named = try table("a,b\n1,2\n")
    #expect(named.header == ["a", "b"] && named.rowCount == 1)
    #expect(try table("a,b\nc,d\n").header.isEmpty)
    #expect(try table("1,2\n3,4\n", header: true).header == ["1", "2"])
    #expect(named.column(named: "b") == 1 && named.column(named: "c") == nil)
  }

  @Test("Quoted fields keep separators, newlines and quotes") func quotes() throws {
    let table = try table("\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n")
    #expect(table.rowCount == 2 && table.columnCount == 2)
    #expect(table[0, 0] == "a,b" && table[0, 1] == "say \"hi\"" && table[1, 0] == "two\nlines" && table[1, 1] == "")
  }

  @Test("Semicolons and tabs separate where the first line has no comma") func separators() throws {
    #expect(try table("1;2\n3;4").tensor().elements == [1, 2, 3, 4])
    #expect(try table("1\t2\n3\t4").tensor().elements == [1, 2, 3, 4])
  }

  @Test("An empty field is nan, also at the end of a line") func empty() throws {
    let numbers = try table("1,,3\n4,5,\n").tensor()
    #expect(numbers.shape == [2, 3])
    #expect(numbers.elements.map(\.isNaN) == [false, true, false, false, false, true])
  }

  @Test("Errors name line and column") func errors() throws {
    func problem(_ text: String) -> FileProblem.Reason? {
      #expect(throws: FileProblem.self) { try table(text).tensor() }?.reason
    }
    #expect(problem("1,2\n3,x\n") == .text(line: 2, column: 3, "'x' is not a number"))
    #expect(problem("1,2\n3\n") == .text(line: 2, column: 2, "1 field where the first row has 2"))
    #expect(problem("1,2\n3,\"4\n") == .text(line: 2, column: 3, "the quote is not closed"))
    #expect(problem("1,\"2\"3\n") == .text(line: 1, column: 6, "text follows the closing quote"))
    #expect(problem("") == .wrongFormat(expected: "a table", found: "an empty file"))
    let missing = #expect(throws: FileProblem.self) { try CSVTable(path: "/no/such.csv") }
    #expect(missing?.description == "/no/such.csv: there is no such file or folder")
  }

  @Test("Words in the target column become classes, whole numbers labels, others numbers") func targets() throws {
    let words = try table("x,kind\n1,cat\n2,dog\n3,cat\n").dataset()
    #expect(words.classNames == ["cat", "dog"] && words.labels == [0, 1, 0] && words.sampleShape == [1])
    #expect(try table("1,0\n2,3\n").dataset().labels == [0, 3])
    let numbers = try table("1,0.5\n2,3\n").dataset()
    #expect(numbers.labels == nil && numbers.batch([0, 1]).y.shape == [2, 1])
  }
}

@Suite struct BundledDataTests {
  @Test("The digits are 1,797 images from 0 to 1 with their labels") func digits() {
    let digits = BundledData.digits
    #expect(digits.count == 1797 && digits.sampleShape == [64])
    let (x, y) = digits.batch([0, 1796])
    #expect(Array(x.elements.prefix(6)) == [0, 0, 5, 13, 9, 1].map { $0 / 16 })
    #expect(y.elements == [0, 8])
    #expect(digits.labels.map { labels in (0...9).map { k in labels.count { $0 == k } }.min() } == 174)
  }

  @Test("The irises are 150 flowers of three kinds, fifty of each") func iris() {
    let iris = BundledData.iris
    #expect(iris.count == 150 && iris.sampleShape == [4] && iris.classNames == ["setosa", "versicolor", "virginica"])
    #expect(iris.batch([0]).x.elements == [5.1, 3.5, 1.4, 0.2])
    #expect(iris.labels.map { labels in (0...2).map { k in labels.count { $0 == k } } } == [50, 50, 50])
  }

  @Test("The makers of the data are named") func attribution() {
    for word in ["Alpaydin", "Fisher", "UCI", "CC BY 4.0"] { #expect(BundledData.attribution.contains(word)) }
  }

  @Test("A file is written whole and read back") func writing() throws {
    let scratch = try Scratch()
    try Files.write([1, 2, 3], to: scratch.path + "/a")
    #expect(try Files.bytes(scratch.path + "/a") == [1, 2, 3])
    #expect(throws: FileProblem.self) { try Files.write([1], to: scratch.path + "/no/folder/a") }
    #expect(throws: FileProblem.self) { try Files.bytes("with\u{0}zero") }
  }
}
