import Display
import Tensors

package struct NetworkValue {
  var leaves: [Tensor] = []
  var layerCount: Int { 0 }
  var fieldNames: [String] { [] }
  func replacing(_ leaves: [Tensor]) -> NetworkValue { self }
  func layers(_ range: Range<Int>) -> NetworkValue { self }
  func layers(_ range: Range<Int>) -> Value { .network(self) }
  func field(_ name: String) -> Value? { nil }
  func call(_ values: [Value], _ labels: [String?], on machine: Machine, _ site: CallSite) throws -> Value { .nothing }
  func setting(layer: Int, _ rest: ArraySlice<(PathStep, Failure.Site)>, to: Value, on: Machine, at: Failure.Site)
    throws -> NetworkValue
  { self }
  func setting(parameter: String, to: Value, on: Machine, at: Failure.Site) throws -> NetworkValue { self }
  func report(named: String, _ style: Style) -> Document? { nil }
  var text: NetworkText { NetworkText(name: "net", input: "", layers: []) }
}
package struct OptimizerValue {
  func field(_ name: String) -> Value? { nil }
  var description: String { "" }
}
package final class DatasetValue {
  var byteCount: Int { 0 }
  var description: String { "" }
  func field(_ name: String, _ type: ElementType) throws -> Value? { nil }
  func forEachBatch(_ body: (Value) throws -> Void) throws {}
  func pair() throws -> [Value] { [] }
  func select(_ parts: [IndexNode.Item], _ node: IndexNode) throws -> Value { .nothing }
}
extension Machine {
  func compose(_ a: Value, _ b: Value, _ node: BinaryNode) throws -> Value { .nothing }
}
