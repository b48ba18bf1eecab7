/// Draws the rows that a tree is grown on. Rows come in blocks of 1,024, each with a generator of its own that lives as long
/// as training does, so that what is drawn depends on neither threads nor earlier blocks.
struct RowBagging {
    private static let blockSize = 1024

    let fraction: Double
    let frequency: Int
    private var generators: [RandomGenerator]

    /// Nil where every tree sees every row.
    init?(_ parameters: BoostParameters, rowCount: Int) {
        guard parameters.baggingFraction < 1, parameters.baggingFrequency > 0 else { return nil }
        fraction = parameters.baggingFraction
        frequency = parameters.baggingFrequency
        let blockCount: Int = (rowCount + Self.blockSize - 1) / Self.blockSize
        generators = (0..<blockCount).map { RandomGenerator(seed: parameters.baggingSeed &+ $0) }
    }

    /// Whether rows are drawn anew before this iteration (counted from 0).
    func isDue(_ iteration: Int) -> Bool { iteration % frequency == 0 }

    /// Writes the rows in the bag to `inBag` and the others to `outOfBag`, both ascending, each buffer of `rowCount` rows.
    mutating func draw(
        rowCount: Int, inBag: UnsafeMutablePointer<Int32>, outOfBag: UnsafeMutablePointer<Int32>
    ) -> Int {
        var inCount = 0
        var outCount = 0
        for block in generators.indices {
            var generator: RandomGenerator = generators[block]
            let end: Int = min(rowCount, (block + 1) * Self.blockSize)
            for row in (block * Self.blockSize)..<end {
                if Double(generator.unit()) < fraction {
                    inBag[inCount] = Int32(truncatingIfNeeded: row)
                    inCount += 1
                } else {
                    outOfBag[outCount] = Int32(truncatingIfNeeded: row)
                    outCount += 1
                }
            }
            generators[block] = generator
        }
        return inCount
    }
}
