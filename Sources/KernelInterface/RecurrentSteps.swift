/// How a recurrent layer computes a state from the last one.
public enum RecurrentCell: UInt8, Sendable, CaseIterable {
  /// `h = tanh(x + h⁻U)`.
  case tanh
  /// `h = max(0, x + h⁻U)`.
  case relu
  /// `i, f, g, o` of `x + h⁻U` by σ, σ, tanh, σ; `C = f C⁻ + i g`; `h = o tanh(C)`.
  case lstm
  /// `r, z` of `x + h⁻U` by σ; `q = h⁻U + c`; `n = tanh(x + r q)`; `h = (1 - z) n + z h⁻`.
  case gru

  /// Blocks of columns of the recurrent weights.
  public var gates: Int {
    switch self {
    case .tanh, .relu: 1
    case .lstm: 4
    case .gru: 3
    }
  }

  /// Numbers that a step leaves for each unit: the state, then of an LSTM `C` and its gates, of a GRU its gates and `q`.
  public var planes: Int {
    switch self {
    case .tanh, .relu: 1
    case .lstm: 6
    case .gru: 5
    }
  }
}

/// One step of a recurrent layer for some rows of a batch: what `RecurrentCell` says, element by element.
///
/// Rows of each operand are `…Stride` apart. `gates` holds the product `h⁻U` before and the gates after; without gates it is `state`.
public struct RecurrentStep<Scalar> {
  public var cell: RecurrentCell
  public var rows: Int
  /// Units.
  public var width: Int
  public var input: UnsafePointer<Scalar>
  public var gates: UnsafeMutablePointer<Scalar>
  /// Of `input` and `gates`.
  public var gateStride: Int
  public var state: UnsafeMutablePointer<Scalar>
  /// `C` of an LSTM, `q` of a GRU.
  public var memory: UnsafeMutablePointer<Scalar>
  /// Of `state` and `memory`.
  public var stateStride: Int
  public var lastState: UnsafePointer<Scalar>
  public var lastMemory: UnsafePointer<Scalar>
  /// Of `lastState` and `lastMemory`.
  public var lastStride: Int
  /// `c` of a GRU.
  public var offset: UnsafePointer<Scalar>?
  /// Rows where this is 0 keep the last state and get gates of 0.
  public var mask: UnsafePointer<Scalar>?
  public var maskStride: Int

  public init(
    cell: RecurrentCell, rows: Int, width: Int, input: UnsafePointer<Scalar>, gates: UnsafeMutablePointer<Scalar>,
    gateStride: Int, state: UnsafeMutablePointer<Scalar>, memory: UnsafeMutablePointer<Scalar>, stateStride: Int,
    lastState: UnsafePointer<Scalar>, lastMemory: UnsafePointer<Scalar>, lastStride: Int,
    offset: UnsafePointer<Scalar>? = nil, mask: UnsafePointer<Scalar>? = nil, maskStride: Int = 0
  ) {
    self.cell = cell
    self.rows = rows
    self.width = width
    self.input = input
    self.gates = gates
    self.gateStride = gateStride
    self.state = state
    self.memory = memory
    self.stateStride = stateStride
    self.lastState = lastState
    self.lastMemory = lastMemory
    self.lastStride = lastStride
    self.offset = offset
    self.mask = mask
    self.maskStride = maskStride
  }
}

/// The way back through a `RecurrentStep`.
public struct RecurrentStepBack<Scalar> {
  /// The step, as it left things.
  public var step: RecurrentStep<Scalar>
  /// What flows back to `state` from outside the layer.
  public var stateFlow: UnsafePointer<Scalar>
  /// The same for `memory` and `gates`, if anything does.
  public var memoryFlow, gateFlow: UnsafePointer<Scalar>?
  /// What flows back to `state` and the `C` of an LSTM from the next step; becomes what flows to the last ones, but for the product's part.
  public var stateCarry, memoryCarry: UnsafeMutablePointer<Scalar>
  /// What flows to `input`, rows `gateStride` apart.
  public var inputFlow: UnsafeMutablePointer<Scalar>
  /// What flows to the product of a GRU, rows `gateStride` apart; of the others it is `inputFlow`.
  public var productFlow: UnsafeMutablePointer<Scalar>

  public init(
    step: RecurrentStep<Scalar>, stateFlow: UnsafePointer<Scalar>, memoryFlow: UnsafePointer<Scalar>?,
    gateFlow: UnsafePointer<Scalar>?, stateCarry: UnsafeMutablePointer<Scalar>,
    memoryCarry: UnsafeMutablePointer<Scalar>, inputFlow: UnsafeMutablePointer<Scalar>,
    productFlow: UnsafeMutablePointer<Scalar>
  ) {
    self.step = step
    self.stateFlow = stateFlow
    self.memoryFlow = memoryFlow
    self.gateFlow = gateFlow
    self.stateCarry = stateCarry
    self.memoryCarry = memoryCarry
    self.inputFlow = inputFlow
    self.productFlow = productFlow
  }
}
