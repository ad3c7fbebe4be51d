/// How far a reader has come in each lesson: a small file of the user's.
package struct LessonProgress {
  package struct Place: Equatable, Sendable {
    /// The step the reader is at, from 0.
    package var step: Int
    package var isDone: Bool

    package init(step: Int, isDone: Bool = false) { (self.step, self.isDone) = (step, isDone) }
  }

  /// Nil keeps progress for this run only.
  private let path: String?
  private var places: [String: Place] = [:]

  package init(path: String?, contents: String = "") {
    self.path = path
    for line in contents.split(separator: "\n") {
      let words = line.split(separator: "\t")
      guard words.count >= 2, let step = Int(words[1]), step >= 0 else { continue }
      places[String(words[0])] = Place(step: step, isDone: words.count > 2 && words[2] == "done")
    }
  }

  package subscript(name: String) -> Place? { places[name] }

  /// Notes a place; returns why it could not be written, if so.
  package mutating func note(_ name: String, _ place: Place) -> String? {
    guard places[name] != place else { return nil }
    places[name] = place
    guard let path else { return nil }
    AtomicFile.makeFolders(above: path)
    let lines = places.sorted { $0.key < $1.key }.map { name, place in
      "\(name)\t\(place.step)\(place.isDone ? "\tdone" : "")\n"
    }
    do throws(AtomicFile.Problem) {
      try AtomicFile.write(lines.joined(), to: path)
      return nil
    } catch {
      return error.message
    }
  }
}
