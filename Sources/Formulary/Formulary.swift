/// All formulas of the documents.
package enum Formulary {
  package static let all: [Entry] =
    Entry.document1 + Entry.code1 + Entry.document2 + Entry.code2 + Entry.document3 + Entry.code3 + Entry.document4
    + Entry.code4 + Entry.document5 + Entry.code5

  package static let documents = ["D1", "D2", "D3", "D4", "D5"]

  /// The entry of an id, in capitals or not.
  package static func entry(named id: String) -> Entry? {
    all.first { $0.id == id } ?? all.first { $0.id.lowercased() == id.lowercased() }
  }

  /// The entries a word is about: a document, a verdict, a theme, or any word in id, title or gist.
  package static func entries(about word: String) -> [Entry] {
    let word = word.lowercased()
    if documents.contains(word.uppercased()) { return all.filter { $0.document == word.uppercased() } }
    if let verdict = Verdict.allCases.first(where: { $0.word == word }) { return all.filter { $0.verdict == verdict } }
    if word == "code" { return all.filter(\.isCode) }
    if let theme = Theme.allCases.first(where: { $0.rawValue == word }) {
      return all.filter { $0.themes.contains(theme) }
    }
    return all.filter { entry in
      ([entry.id, entry.title, entry.gist] + entry.themes.map(\.rawValue)).contains { $0.lowercased().contains(word) }
    }
  }
}
