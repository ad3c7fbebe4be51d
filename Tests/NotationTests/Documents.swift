/// The formulas of the five documents, as printed and as corrected: `FORMULAS.md`, a formula a line.
enum Documents {
  static let formulas: [(name: String, tex: String)] = String(decoding: PackageResources.formulas_txt, as: UTF8.self)
    .split(separator: "\n").map { line in
      let parts = line.split(separator: "\t")
      return (String(parts[0]), String(parts[1]))
    }
}
