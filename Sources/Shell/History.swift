/// What was typed before: whole blocks, the newest last, kept in a file that several shells may share.
///
/// The file is read when somebody first looks back, not at start.
package struct History {
  private let file: HistoryFile?
  private var loaded = false
  private var blocks: [String] = []
  private var hasComplained = false

  /// A history without a file lives as long as the program.
  package init(file: HistoryFile? = nil) { self.file = file }

  /// All entries, the newest last.
  package var entries: [String] {
    mutating get {
      load()
      return blocks
    }
  }

  private mutating func load() {
    guard !loaded else { return }
    loaded = true
    if let file { blocks = file.read() }
  }

  /// Keeps `block`, unless it is blank or the same as the one before.
  ///
  /// Returns what to tell the user, the first time it cannot be written.
  package mutating func add(_ block: String) -> String? {
    load()
    guard block.utf8.contains(where: { $0 > 0x20 }), block != blocks.last else { return nil }
    blocks.append(block)
    guard let file, let problem = file.append(block), !hasComplained else { return nil }
    hasComplained = true
    return "history is kept for this session only: cannot write \(file.path): \(problem)"
  }

  /// The newest entry that begins with `prefix` and goes on, as the rest of it.
  package mutating func suggestion(for prefix: String) -> String? {
    load()
    guard !prefix.isEmpty else { return nil }
    let wanted = prefix.utf8
    for block in blocks.reversed() where block.utf8.count > wanted.count && block.utf8.starts(with: wanted) {
      return String(decoding: block.utf8.dropFirst(wanted.count), as: UTF8.self)
    }
    return nil
  }

  /// The entry nearest to `index` in `direction` (-1 older, 1 newer) that is `accepted`.
  package mutating func find(from index: Int, direction: Int, where accepted: (String) -> Bool) -> Int? {
    load()
    var index = index
    while blocks.indices.contains(index) {
      if accepted(blocks[index]) { return index }
      index += direction
    }
    return nil
  }
}
