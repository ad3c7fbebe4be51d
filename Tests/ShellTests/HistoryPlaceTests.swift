import Testing

@testable import Shell

@Suite("Where the history is kept")
struct HistoryPlaceTests {
  @Test(
    "Where the user says, else where the state of programs belongs",
    arguments: [
      (["NABLA_HISTORY": "/a/b", "HOME": "/home/ada"], "/a/b"), (["NABLA_HISTORY": "", "HOME": "/home/ada"], nil),
      (["XDG_STATE_HOME": "/state", "HOME": "/home/ada"], "/state/nabla/history"),
      (["XDG_STATE_HOME": "relative", "HOME": "/home/ada"], "/home/ada/.local/state/nabla/history"), ([:], nil),
    ] as [([String: String], String?)])
  func place(variables: [String: String], path: String?) {
    #expect(HistoryFile.standard { variables[$0] }?.path == path)
  }
}
