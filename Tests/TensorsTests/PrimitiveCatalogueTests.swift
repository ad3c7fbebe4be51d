import Foundation
import Testing

@testable import Tensors

@Suite("The catalogue of primitives")
struct PrimitiveCatalogueTests {
  @Test("lists every primitive that the engine's sources declare")
  func isComplete() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Tensors")
      .standardized
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    let declaration =
      /struct (\w+)[^{\n]*: [^{\n]*\b(Primitive|Elementwise|ElementwiseUnary|ElementwiseBinary|Reduction)\b/
    var declared: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: declaration) {
        declared.insert(String(match.output.1))
      }
    }
    let listed = Set(PrimitiveCatalogue.all.map { "\($0)" })
    #expect(declared.count > 50)
    #expect(declared.subtracting(listed).sorted() == [])
    #expect(listed.subtracting(declared).sorted() == [])
  }

  @Test("says of every primitive what it is, by what formula and how it is used")
  func cardsAreFilled() {
    for primitive in PrimitiveCatalogue.all {
      let card = primitive.card
      for text in [
        card.name, card.theme, card.summary, card.formula, card.shapes, card.example.input, card.example.output,
      ] {
        #expect(!text.isEmpty, "\(primitive)")
      }
    }
  }
}
