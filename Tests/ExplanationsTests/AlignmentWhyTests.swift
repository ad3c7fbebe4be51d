import Display
import Testing

@testable import Shell

/// `:why` of a loss over alignments, forward by its recursion and backward by the shares of the ways.
@Suite(":why of ctc")
struct AlignmentWhyTests {
  static let lines = """
    z = [2, 1, 0.1; 0.3, 1.5, -0.2; 0, 0.4, 1.1; 0.5, -0.3, 1.2];
    L = ctc(log_softmax(z), [1, 2]);
    """

  private func rungs(_ session: Session, _ question: String) -> String {
    let text = session.answer(":why \(question)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count <= 24 && lines.allSatisfy { $0.displayWidth <= 80 }, "\(text)")
    #expect(PocketCalculator.check(lines, question) > 0, "\(text)")
    return text
  }

  @Test("Forward: the recursion, all its numbers, and the loss as minus the logarithm of all ways")
  func forward() {
    let session = Session(Self.lines)
    let text = rungs(session, "L")
    #expect(text.contains("α[t,s] = p[t,l[s]]·(α[t-1,s] + α[t-1,s-1] + α[t-1,s-2])"), "\(text)")
    #expect(text.contains("= -ln(α[3,3] + α[3,4]) / 2") && text.contains("15 ways spell it"), "\(text)")
    // Every number of the table can be asked for, down to the softmax.
    #expect(rungs(session, "α[2,3]").contains("p[2,2]·(α[1,3] + α[1,2] + α[1,1])"))
    #expect(rungs(session, "α[2,2]").contains("p[2,0]·(α[1,2] + α[1,1])"))
    #expect(session.answer(":why p[2,2]").contains("exp(z[2,2] - m)"))
  }

  @Test("A way is counted once: the ways of a short target are those that one finds by hand")
  func ways() {
    for (frames, target, count) in [(2, "[1]", "3"), (3, "[1, 1]", "1"), (3, "[1, 2]", "5"), (4, "[1, 1]", "5")] {
      let session = Session("q = ones(\(frames), 3) / 3;  L = ctc(log(q), \(target));")
      let text = session.answer(":why L")
      #expect(text.contains("  \(count) way"), "\(text)")
    }
  }

  @Test("Backward: softmax less the share of the ways through a label")
  func backward() {
    let session = Session(Self.lines)
    let text = rungs(session, "∂L/∂z[1,1]")
    #expect(text.contains("∂L/∂z = (p - γ) / 2") && text.contains("central difference -0.0994"), "\(text)")
    #expect(text.contains("✓") && text.contains("γ the share of the ways"), "\(text)")
    let share = rungs(session, "γ[1,1]")
    #expect(share.contains("γ[t,k] = ∑[s: l[s]=k] α[t,s]·β[t,s] / P"), "\(share)")
    #expect(rungs(session, "β[1,1]").contains("p[2,1]·β[2,1] + p[2,0]·β[2,2] + p[2,2]·β[2,3]"))
    #expect(rungs(session, "P").contains("α[3,3] + α[3,4]"))
  }

  @Test("Of log-probabilities that a line computed, of samples, frames and other blanks too")
  func forms() {
    for (lines, question) in [
      ("p = log_softmax(z);  M = ctc(p, [1, 2]);", "∂M/∂p[1,1]"),
      ("M = ctc(log_softmax(z), [1, 0], blank: 2);", "∂M/∂z[2,0]"),
      ("Z = [z, 2 * z];  M = ctc(log_softmax(Z), [1, 2; 2, 0]);", "∂M/∂Z[1,2,1]"),
      ("Z = [z, 2 * z];  M = ctc(log_softmax(Z), [1, 2; 2, 0], reduction: \"sum\");", "∂M/∂Z[0,2,1]"),
      ("Z = [z, 2 * z];  M = ctc(log_softmax(Z), [1; 2], frames: [3, 4]);", "∂M/∂Z[0,2,1]"),
      ("V = [1, 0, 0.5; 0, 2, 0.1; 0.3, 0, 1];  M = ctc(log_softmax(z @ V), [1, 2]);", "∂M/∂V[2,1]"),
    ] {
      let session = Session(Self.lines + "\n" + lines)
      let text = rungs(session, question)
      #expect(text.contains("✓"), "\(lines)\n\(text)")
      let forward = session.answer(":why M")
      #expect(forward.contains("ln(") && session.error(":why M") == nil, "\(forward)")
    }
  }
}
