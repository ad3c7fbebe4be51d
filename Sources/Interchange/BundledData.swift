import Networks
import Tensors

/// Real data that comes with the program, inside it.
public enum BundledData {
  /// Who made the data, and on what terms; shown in help.
  public static let attribution = """
    digits  Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
            CC BY 4.0: the 1,797 test images.
    iris    R. A. Fisher, 1936; UCI Machine Learning Repository, CC BY 4.0.
    """

  /// 1,797 handwritten digits of 8×8 pixels with their labels 0…9.
  ///
  /// **Shapes** samples `[64]`, row by row; the file's 0…16 become 0…1 when a batch is drawn. `reshaped(sample: [1, 8, 8])` makes
  /// images of them.
  public static let digits: Dataset = {
    let table = numbers(PackageResources.digits_csv_gz, "digits.csv.gz", header: false)
    var (bytes, labels): ([UInt8], [Int32]) = ([], [])
    bytes.reserveCapacity(table.count / 65 * 64)
    for (place, value) in table.enumerated() {
      if place % 65 == 64 { labels.append(Int32(value)) } else { bytes.append(UInt8(value)) }
    }
    return Dataset(
      bytes: bytes, sampleShape: [64], divisor: 16, labels: labels, classNames: (0...9).map(String.init),
      name: "digits")
  }()

  /// 150 flowers of three kinds: length and width of sepal and petal in cm, not scaled.
  ///
  /// **Shapes** samples `[4]`
  public static let iris: Dataset = {
    // The first line says 150 rows, 4 columns and the names of the classes.
    let text = PackageResources.iris_csv
    let first = text.prefix { $0 != 10 }
    let names = first.split(separator: 44).dropFirst(2).map { String(decoding: $0, as: UTF8.self) }
    let table = numbers(Array(text.dropFirst(first.count + 1)), "iris.csv", header: false)
    let rows = stride(from: 0, to: table.count, by: 5)
    return Dataset(
      x: Tensor(rows.flatMap { table[$0..<($0 + 4)] }, shape: [table.count / 5, 4]),
      labels: rows.map { Int32(table[$0 + 4]) }, classNames: names, name: "iris")
  }()

  private static func numbers(_ bytes: [UInt8], _ name: String, header: Bool) -> [Double] {
    do {
      let text = try Files.decompressed(bytes, path: name)
      return try CSVTable(text, path: name, header: header).tensor().elements
    } catch {
      preconditionFailure("the data inside the program is damaged: \(error)")
    }
  }
}
