import Language
import Networks
import Tensors

/// Where a loss runs a network: `net(X)` in `L = cross_entropy(net(X), t)`, or in the function that `∇` was taken of.
struct NetworkUse {
  /// `net`
  let name: String
  let network: Network
  /// `net(X)`
  let call: Expression
  let argument: Expression
  /// What the names in the call mean.
  let around: Meanings
  /// The expression that the call is a part of, where it is the whole of what a line or a function computes.
  let body: Expression?
  /// What the line that calls it binds; nil if that is the loss itself.
  let target: String?
  /// `L`
  let lossName: String
  /// The loss with another network in the place of this one.
  let loss: (Network) throws -> Tensor

  /// `X`, `net`: as the user would type it where the call stands in a function.
  func text(_ expression: Expression) -> String {
    around.text(Self.resolved(expression, around))
  }

  /// The expression with the parameters of functions replaced by their arguments.
  private static func resolved(_ expression: Expression, _ around: Meanings) -> Expression {
    expression.replacing { part in
      guard case .name(let name) = part.kind, let known = around.locals[name], known.label.isEmpty,
        case .expression(let meant, let outer) = known.how
      else { return nil }
      return resolved(meant, outer).kind
    }
  }

  /// What the call is given beside the input: `, training: true`.
  var options: String {
    guard case .call(_, let arguments) = call.kind else { return "" }
    return arguments.filter { $0.value != argument }.map {
      ", \($0.label.map { "\($0.text): " } ?? "")\(text($0.value))"
    }
    .joined()
  }

  /// Whether the loss runs the network at several places, so that no call is what all its layers were given.
  var isRepeated = false

  /// Where the loss `y` runs the network `x`, or the one network that is given the tensor `x`; nil if there is none.
  static func find(_ x: Version, _ ancestry: Ancestry, _ interpreter: Interpreter) -> NetworkUse? {
    let users = ancestry.origins.filter { Ancestry.inputs(of: $0).contains { $0 === x } }
    if case .network(let network) = x.value, let repeated = repeated(x, network.network, users, ancestry, interpreter) {
      return repeated
    }
    guard users.count == 1, let user = users.first, !user.isForgotten,
      let value = user.statement.expressions.last, user.statement.expressions.count == 1
    else { return nil }
    let around = Meanings(interpreter, user.source, origin: user)
    guard let found = call(of: x.name, value, around), let (name, network) = found.network else { return nil }
    guard let version = user.version(of: name), case .network = version.value else { return nil }
    let isRoot = ancestry.root.origin === user
    var target: String?
    if !isRoot, case .bind(let targets, _, _) = user.statement.kind, targets.count == 1 || value == found.call {
      target = targets[0].rootText
    }
    return NetworkUse(
      name: name, network: network, call: found.call, argument: found.argument, around: found.around, body: found.body,
      target: target, lossName: ancestry.root.name
    ) { changed in
      let run = try interpreter.rerun(ancestry, changing: [(version, .network(NetworkValue(changed)))])
      guard let loss = run[ancestry.root].numbers(interpreter.elementType) else {
        throw Diagnostic("E0811", "\(ancestry.root.name) is no number")
      }
      return loss
    }
  }

  /// A network that several lines run, or one line several times: what went through its layers is taken together.
  private static func repeated(
    _ x: Version, _ network: Network, _ users: [Origin], _ ancestry: Ancestry, _ interpreter: Interpreter
  ) -> NetworkUse? {
    guard let user = users.last, !users.contains(where: \.isForgotten) else { return nil }
    let around = Meanings(interpreter, user.source, origin: user)
    if users.count == 1, let value = user.statement.expressions.last, user.statement.expressions.count == 1,
      call(of: x.name, value, around) != nil
    {
      return nil
    }
    let name = Expression(.name(x.name), SourceRange(0, 0))
    return NetworkUse(
      name: x.name, network: network, call: name, argument: name, around: around, body: nil, target: nil,
      lossName: ancestry.root.name,
      loss: { changed in
        let run = try interpreter.rerun(ancestry, changing: [(x, .network(NetworkValue(changed)))])
        guard let loss = run[ancestry.root].numbers(interpreter.elementType) else {
          throw Diagnostic("E0811", "\(ancestry.root.name) is no number")
        }
        return loss
      }, isRepeated: true)
  }

  /// Where the function of `g = ∇L(net)` runs the network.
  static func find(gradient record: Version, _ interpreter: Interpreter) -> NetworkUse? {
    guard let origin = record.origin, !origin.isForgotten, let value = origin.statement.expressions.last,
      case .call(let callee, let arguments) = value.kind, case .gradient(_, let function) = callee.kind,
      let first = arguments.first, first.label == nil, first.value.name != nil
    else { return nil }
    let around = Meanings(interpreter, origin.source, origin: origin)
    let plain = Expression(.call(function, arguments), value.range)
    guard let found = call(of: first.value.name?.text ?? "", plain, around), let (name, network) = found.network,
      let loss = try? around.value(function), let values = try? arguments.map({ try around.value($0.value) })
    else { return nil }
    return NetworkUse(
      name: name, network: network, call: found.call, argument: found.argument, around: found.around, body: found.body,
      target: nil, lossName: around.text(function)
    ) { changed in
      let all = [Value.network(NetworkValue(changed))] + values.dropFirst()
      guard
        let loss = try interpreter.call(loss, all, labels: arguments.map { $0.label?.text })
          .numbers(interpreter.elementType)
      else { throw Diagnostic("E0811", "∇ is of no number") }
      return loss
    }
  }

  private struct Call {
    let call, argument: Expression
    let body: Expression?
    let around: Meanings
    let network: (name: String, network: Network)?
  }

  /// The call of a network in an expression that `name` is part of, functions of the user entered.
  private static func call(of name: String, _ body: Expression, _ around: Meanings) -> Call? {
    var found: [Call] = []
    func search(_ part: Expression, _ body: Expression?, _ around: Meanings, _ depth: Int) {
      if case .call(let callee, let arguments) = part.kind {
        let inputs = arguments.filter { $0.label == nil || $0.label?.text == "x" }
        if inputs.count == 1, callee.name != nil, case .network(let network)? = try? around.value(callee) {
          let root = resolved(callee, around).name?.text
          found.append(
            Call(
              call: part, argument: inputs[0].value, body: body, around: around,
              network: root.map { ($0, network.network) }))
        } else if depth < 4, case .function(let function)? = try? around.value(callee),
          case .user(let user) = function.kind,
          let inner = try? Elements().entering(user, function.name, arguments, around)
        {
          search(inner.body, part == body ? inner.body : nil, inner.around, depth + 1)
          return
        }
      }
      for child in part.children { search(child, body, around, depth) }
    }
    search(body, body, around, 0)
    // One that names what is asked for, in the call or as its argument.
    let own = found.filter {
      $0.network?.name == name || resolved($0.argument, $0.around).mentions(name)
    }
    return own.count == 1 ? own[0] : nil
  }
}
