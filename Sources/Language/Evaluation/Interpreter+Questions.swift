import Networks
import Tensors

/// What explanations need of values beside what a program can do with them.
extension Value {
  /// The tensors in it, in their order; none if it holds anything but numbers.
  package var tensors: [Tensor] { leaves(.float64) ?? [] }

  /// The tensor that it is, or can stand for.
  package func asTensor(_ type: ElementType) -> Tensor? { tensor(type) }

  /// The values of a list; of anything else itself.
  package var parts: [Value] { if case .list(let items) = self { items } else { [self] } }

  /// The same value with other leaves, as many and in the same order.
  package func replacing(_ tensors: [Tensor]) -> Value {
    var rest = tensors[...]
    return replacingLeaves(&rest)
  }
}

extension Interpreter {
  /// A loss that is a function of the user's.
  package func loss(calling function: Function) -> any Loss {
    let site = CallSite(
      machine: machine, source: SourceText(""), range: SourceRange(0, 0), callee: Expression(.name(function.name)),
      arguments: [])
    let caller = Caller(function: function, site: site)
    return FunctionLoss(function.name.isEmpty ? "loss" : function.name) { try caller.call([$0, $1]) }
  }

  /// What an error of the engine says, in one line.
  package func words(for error: any Error) -> String {
    let site = Fault.Site(source: SourceText(""), range: SourceRange(0, 0))
    switch error {
    case let fault as Fault: return fault.diagnostic.message
    case let diagnostic as Diagnostic: return diagnostic.message
    case let error as LayerError:
      let inner = machine.shapeFault(error.problem, [], doing: error.kind, at: site).diagnostic.message
      return "[" + error.path.map(String.init).joined(separator: "][")
        + "] \(error.kind) was given \(error.input): \(inner)"
    case let error as ShapeError: return machine.shapeFault(error, [], doing: "it", at: site).diagnostic.message
    default: return "\(error)"
    }
  }
}
