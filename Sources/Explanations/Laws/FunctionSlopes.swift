import Language
import Tensors

/// Derivatives of a function of the user by the numbers it is given: its body for these numbers as one calculation, differentiated.
struct FunctionSlopes {
  /// `w`, as the function calls what it is given first.
  let parameter: String
  private let body: Calculation
  private let rules: (String) -> SlopeRules
  /// How a number that the function is given is read: `w[0]`, `θ[2,1]`.
  private let label: ([Int]) -> String

  /// Nil for a function whose text alone does not tell what it does.
  init?(_ function: Expression, _ arguments: [Language.Argument], of parameter: String? = nil, _ around: Meanings)
    throws
  {
    guard case .function(let meant)? = try? around.value(function), case .user(let user) = meant.kind,
      let name = parameter ?? user.parameters.first?.name,
      let index = user.parameters.firstIndex(where: { $0.name == name }), index < arguments.count
    else { return nil }
    let interpreter = around.interpreter
    let value = try around.value(arguments[index].value)
    let own = Meanings(interpreter, around.source, origin: around.origin, locals: around.locals)
    // A name of the user's, or a step of a sequence, is read as itself.
    let argument = arguments[index].value
    if argument.isPathText, let rank = value.numbers(interpreter.elementType)?.rank,
      case .read(let first, _)? = try? Elements().element(
        argument, (0..<rank).map { _ in Coordinate(0) }, around), !first.contains("(")
    {
      own.locals[name] = Known("", nil, .expression(argument, around))
      let lead = rank == 0 ? first : String(first.dropLast(2 * rank))
      label = { places in
        places.isEmpty ? lead : lead + places.map(String.init).joined(separator: ",") + "]"
      }
    } else {
      own.locals[name] = Known(name, value, .given)
      label = { name + $0.map { Coordinate($0) }.text }
    }
    var given = arguments
    given[index] = Language.Argument(arguments[index].label, Expression(.name(name), SourceRange(-12, -12)))
    let reads = Elements.Reads()
    let elements = Elements(reads)
    guard let inner = try elements.entering(user, meant.name, given, own),
      let made = try? elements.element(inner.body, [], inner.around),
      let body = try Backward.expanded(made, reads, interpreter)
    else { return nil }
    (self.parameter, self.body) = (name, body)
    rules = { label in
      SlopeRules(
        label: label,
        slope: { name, x in
          guard case .number(let slope)? = try? interpreter.value(of: "\(name)'(\(x))") else { return nil }
          return slope
        }, isExplicit: true)
    }
  }

  /// The derivative by one number after the other: `∂²f/∂w[0]∂w[1]`.
  func slope(by places: [[Int]]) -> Calculation? {
    places.reduce(body) { found, place in
      found.flatMap { rules(label(place)).derivative(of: $0) }
    }
  }
}

/// Derivatives as tensors: `hessian(f, w)[i,j]` is `∂²f/∂w[i]∂w[j]`.
struct HessianLaw: Law {
  let names = ["hessian"]

  func element(_ call: LawCall) throws -> Calculation? {
    let operands = call.operands
    guard operands.count == 2, call.arguments.count == 2, let at = call.at.numbers, at.count == 2,
      let slopes = try FunctionSlopes(operands[0], [Language.Argument(nil, operands[1])], call.around)
    else { return nil }
    call.elements.reads.margins.append("∂²f/∂\(slopes.parameter)[\(at[0])]∂\(slopes.parameter)[\(at[1])]")
    return slopes.slope(by: [[at[0]], [at[1]]])
  }
}
