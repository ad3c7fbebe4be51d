import CEditLine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A walk through the entries that begin like what was typed.
struct HistoryWalk {
  var prefix: String
  /// What was typed, which stands below the newest entry.
  var draft: String
  var index: Int
  /// Text and cursor as this walk left them: anything else begins a new one.
  var shown: String
  var cursor: Int
}

/// A search through the history, while it is going on.
struct Search {
  var pattern = ""
  var index: Int
  var isFailing = false
}

extension LineEditor {
  // MARK: Up and down

  /// One line up (-1) or down (1) in the text, and beyond its ends through the history.
  func moveVertically(_ direction: Int) {
    let scalars = scalars
    let text = Self.string(scalars)
    var walk: HistoryWalk
    if let going = self.walk, going.shown == text, going.cursor == cursor {
      walk = going
    } else {
      if moveLine(direction, in: scalars) { return }
      let prefix = Self.string(scalars[..<cursor])
      walk = HistoryWalk(prefix: prefix, draft: text, index: history.entries.count, shown: text, cursor: cursor)
    }
    let entries = history.entries
    let start = walk.index + direction
    let found = history.find(from: start, direction: direction) { $0.hasPrefix(walk.prefix) && $0 != walk.shown }
    if let found {
      walk.index = found
      walk.shown = entries[found]
    } else if direction > 0, walk.index < entries.count {
      walk.index = entries.count
      walk.shown = walk.draft
    } else {
      return ring()
    }
    replaceText(walk.shown)
    walk.cursor = cursor
    self.walk = walk
  }

  /// Moves to the same column of the line above or below; false when there is none.
  private func moveLine(_ direction: Int, in scalars: [Unicode.Scalar]) -> Bool {
    let line = Self.line(around: cursor, in: scalars)
    let column = cursor - line.lowerBound
    guard direction < 0 ? line.lowerBound > 0 : line.upperBound < scalars.count else { return false }
    let target = Self.line(around: direction < 0 ? line.lowerBound - 1 : line.upperBound + 1, in: scalars)
    cursor = min(target.lowerBound + column, target.upperBound)
    return true
  }

  // MARK: Ctrl-R

  enum SearchEnd { case edit, accept, end }

  /// Searches backwards (Ctrl-R again: further, Ctrl-S: forward again) for what is typed, until some other key is pressed.
  func searchHistory() -> SearchEnd {
    let draft = text
    let position = cursor
    let count = history.entries.count
    search = Search(index: count)
    defer { search = nil }
    func look(from index: Int, _ direction: Int) {
      guard let search, !search.pattern.isEmpty else { return }
      let found = history.find(from: index, direction: direction) {
        $0.unicodeScalars.contains(search.pattern.unicodeScalars) && (direction == 0 || $0 != self.text)
      }
      self.search?.isFailing = found == nil
      guard let found else { return }
      self.search?.index = found
      replaceText(history.entries[found])
    }
    while true {
      var character: wchar_t = 0
      guard el_wgetc(editLine, &character) == 1 else { return .end }
      switch character {
      case 0x12: look(from: (search?.index ?? count) - 1, -1)
      case 0x13: look(from: (search?.index ?? 0) + 1, 1)
      case 0x7F, 0x08:
        _ = search?.pattern.unicodeScalars.popLast()
        search?.index = count
        search?.isFailing = false
        if search?.pattern.isEmpty == true { replaceText(draft, cursor: position) }
        look(from: count - 1, -1)
      case 0x07:
        replaceText(draft, cursor: position)
        return .edit
      case 0x0A, 0x0D:
        search = nil
        return enter() ? .accept : .edit
      case Code.escape, Code.ignore: return .edit
      case Code.insert: extend(insertion)
      case 0..<0x20, 0x80..<0xA0:
        queue.append(character)
        return .edit
      default: extend(String(Character(Self.scalar(character))))
      }
    }
    func extend(_ more: String) {
      search?.pattern += more
      let current = search?.index ?? count
      // What is shown may match the longer pattern, too.
      let isShown = current < count && text.unicodeScalars.contains(search?.pattern.unicodeScalars ?? "".unicodeScalars)
      if isShown { search?.isFailing = false } else { look(from: min(current, count - 1), -1) }
    }
  }
}
