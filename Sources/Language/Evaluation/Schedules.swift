import Networks
import Tensors

/// A function of the step, written by the user, as the schedule of an optimiser.
struct FunctionSchedule: Schedule {
  let caller: Caller

  var description: String {
    caller.function.name.isEmpty ? caller.function.text.firstLine : caller.function.name
  }

  func rate(at step: Int) throws -> Double {
    let (machine, site) = (caller.site.machine, caller.site)
    let value = try site.apply(caller.function, [.number(Double(step))], [])
    guard let rate = value.tensor(.float64), rate.count == 1, rate[flat: 0] >= 0, rate[flat: 0].isFinite else {
      throw machine.failure(
        "E0303", "a rate is a number from 0, \(description) gives \(value.shownShort) at step \(step)", at: site.site)
    }
    return rate[flat: 0]
  }
}

extension Value {
  /// A number as it is, anything else from far.
  fileprivate var shownShort: String {
    if case .number(let number) = self { NumberText.short(number) } else { outline }
  }
}

extension CallSite {
  /// A schedule called with a step or a tensor of steps.
  func rate(of schedule: any Schedule, _ values: [Value], _ function: Function) throws -> Value {
    guard values.count == 1 else { throw wrongCount(values.count, function) }
    guard let steps = values[0].tensor(machine.elementType) else {
      throw machine.failure("E0303", "a schedule wants a step, this is \(values[0].article)", at: site(ofArgument: 0))
    }
    let rates = try steps.elements.map { step in
      guard let whole = Int(exactly: step), whole >= 0 else {
        throw machine.failure(
          "E0303", "steps are counted from 0, this is \(NumberText.short(step))", at: site(ofArgument: 0))
      }
      return try schedule.rate(at: whole)
    }
    return Value(Tensor(rates, shape: steps.shape, steps.elementType))
  }
}
