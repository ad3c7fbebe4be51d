import Display

/// The line that training rewrites in place.
final class ProgressLine {
  private var isDrawn = false

  func draw(_ progress: TrainingProgress, _ style: Style, _ writer: any Writer) {
    Terminal.write("\r" + writer.write(progress.line(style)) + "\u{1B}[K")
    isDrawn = true
  }

  /// Takes the line away, so that an answer can stand there.
  func erase() {
    guard isDrawn else { return }
    Terminal.write("\r\u{1B}[K")
    isDrawn = false
  }
}
