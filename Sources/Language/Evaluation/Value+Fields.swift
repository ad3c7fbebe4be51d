extension Value {
  /// What can stand after a point: the fields of a record, what networks and datasets say of themselves.
  package var fieldNames: [String] {
    switch self {
    case .record(let record): record.names
    case .network(let network): network.fieldNames
    case .dataset: ["x", "y", "count", "classes"]
    case .tensor: ["shape", "T"]
    default: []
    }
  }
}
