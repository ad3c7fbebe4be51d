import Display
import Testing

@testable import Shell

@Suite("Pages of help")
struct HelpTopicTests {
  @Test("fit a screen of 80 columns and 24 lines", arguments: HelpTopic.all.indices)
  func width(index: Int) {
    let topic = HelpTopic.all[index]
    let document = topic.document(.plain)
    for line in document.lines { #expect(line.width <= 80, "\(topic.names[0]): \(line.text)") }
    #expect(document.lines.count <= 24)
    #expect(Set(topic.names).count == topic.names.count)
  }
}
