import Networks
import Tensors
import Testing

@Suite struct DatasetTests {
  private let bytes = Dataset(
    bytes: Array(0..<24), sampleShape: [2, 2], labels: [0, 1, 2, 0, 1, 2], classNames: ["a", "b", "c"])

  @Test("Bytes become numbers when a batch is drawn, in either precision", arguments: ElementType.allCases)
  func batches(type: ElementType) {
    let (x, y) = bytes.batch([5, 0], type)
    #expect(x.shape == [2, 2, 2] && x.elementType == type && y.elementType == type)
    let wanted = [20, 21, 22, 23, 0, 1, 2, 3].map { type == .float32 ? Double(Float($0 / 255)) : $0 / 255 }
    #expect(x.elements == wanted && y.elements == [2, 0])
  }

  @Test("Subsets share their samples and keep their order") func subsets() throws {
    let part = try bytes.subset([4, 2, 4])
    #expect(part.count == 3 && part.labels == [1, 2, 1])
    #expect(try part.subset(1..<2).batch([0]).x.elements == [8, 9, 10, 11].map { $0 / 255 })
    #expect(throws: ShapeError.indexOutOfRange(index: 6, axis: 0, extent: 6)) { try bytes.subset([6]) }
  }

  @Test("A split has every sample once, the same for the same seed", arguments: [0, 0.5, 0.8, 1])
  func splits(fraction: Double) throws {
    var (one, two) = (RandomGenerator(seed: 2), RandomGenerator(seed: 2))
    let (train, test) = bytes.split(fraction, random: &one)
    #expect(train.count == Int((6 * fraction).rounded()) && train.count + test.count == 6)
    let firsts = try (train.x().elements + test.x().elements).sorted()
    #expect(firsts == (0..<24).map { Double($0) / 255 })
    #expect(train.labels == bytes.split(fraction, random: &two).0.labels)
  }

  @Test("Normalising twice is normalising by both, for bytes as for tensors") func normalization() throws {
    let first = Normalization(mean: [0.01, 0.02], deviation: [0.5, 2])
    let both = try bytes.normalized(first).normalized(Normalization(mean: [1], deviation: [4]))
    let wanted = try bytes.x().elements.enumerated().map { i, x in
      ((x - first.mean[i / 2 % 2]) / first.deviation[i / 2 % 2] - 1) / 4
    }
    let tensor = try Dataset(x: bytes.x(), y: bytes.y())
    let other = try tensor.normalized(first).normalized(Normalization(mean: [1], deviation: [4]))
    for found in [try both.x().elements, try other.x().elements] {
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    #expect(throws: ShapeError.self) { try bytes.normalized(Normalization(mean: [1, 2, 3], deviation: [1, 1, 1])) }
  }

  @Test("Normalised by its own statistics a set has mean 0 and deviation 1 in each column") func statistics() throws {
    let table = try Dataset(x: Tensor([1, 5, 2, 5, 6, 5], shape: [3, 2]), y: Tensor([0, 1, 0]))
    let own = table.statistics
    #expect(own.mean == [3, 5] && own.deviation[1] == 1)
    let again = try table.normalized(own).statistics
    #expect(again.mean.allSatisfy { abs($0) < 1e-12 } && abs(again.deviation[0] - 1) < 1e-12)
  }

  @Test("Samples and targets must be as many, and a sample keeps its numbers when reshaped") func shapes() throws {
    #expect(throws: ShapeError.self) { try Dataset(x: .zeros([3, 2]), y: .zeros([2])) }
    #expect(throws: ShapeError.self) { try Dataset(x: .zeros([]), y: .zeros([2])) }
    #expect(try bytes.reshaped(sample: [1, 4]).batch([1]).x.shape == [1, 1, 4])
    #expect(throws: ShapeError.self) { try bytes.reshaped(sample: [5]) }
    #expect(bytes.classCount == 3)
  }
}
