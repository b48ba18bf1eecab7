import Glibc

/// LightGBM's linear congruential generator: a 32-bit state that every draw steps once. The same seed gives the same rows and
/// features as LightGBM draws.
struct RandomGenerator: Sendable {
    private var state: UInt32

    init(seed: Int) { state = UInt32(truncatingIfNeeded: seed) }

    private mutating func step() -> UInt32 {
        state = 214_013 &* state &+ 2_531_011
        return state
    }

    private mutating func bits15() -> Int { Int((step() >> 16) & 0x7FFF) }

    /// A short integer in `lower..<upper`, from 15 bits.
    mutating func short(from lower: Int, below upper: Int) -> Int { bits15() % (upper - lower) + lower }

    /// An integer in `lower..<upper`, from 31 bits.
    mutating func integer(from lower: Int, below upper: Int) -> Int {
        Int(step() & 0x7FFF_FFFF) % (upper - lower) + lower
    }

    /// A number in [0, 1) on a grid of 2^-15.
    mutating func unit() -> Float { Float(bits15()) / 32768 }

    /// `count` of the numbers 0..<total, ascending, without repetition.
    ///
    /// Many of them: each number in turn with the probability that is left (selection sampling). Few: Floyd's method.
    mutating func sample(_ count: Int, of total: Int) -> [Int] {
        if count > total || count <= 0 { return [] }
        if count == total { return Array(0..<total) }
        if count > 1 && Double(count) > Double(total) / log2(Double(count)) {
            var taken: [Int] = []
            taken.reserveCapacity(count)
            for number in 0..<total {
                let probability: Double = Double(count - taken.count) / Double(total - number)
                if Double(unit()) < probability { taken.append(number) }
            }
            return taken
        }
        var chosen: Set<Int> = []
        for upper in (total - count)..<total {
            let drawn: Int = integer(from: 0, below: upper + 1)
            if !chosen.insert(drawn).inserted { chosen.insert(upper) }
        }
        return chosen.sorted()
    }
}
