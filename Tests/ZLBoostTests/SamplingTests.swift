import Testing

@testable import ZLBoost

@Suite("Sampling")
struct SamplingTests {
    @Test("A seed draws the single seeds that LightGBM draws from it")
    func singleSeeds() throws {
        // From the parameter section of a model that LightGBM 4.7.0 trained with seed=42.
        let drawn = try parameters("seed 42")
        #expect(drawn.dataRandomSeed == 175)
        #expect(drawn.baggingSeed == 400)
        #expect(drawn.dropSeed == 17869)
        #expect(drawn.featureFractionSeed == 30056)
        #expect(drawn.objectiveSeed == 16083)
        #expect(drawn.extraSeed == 12879)
    }

    @Test("A single seed that is given holds, whichever comes first")
    func givenSeedHolds() throws {
        #expect(try parameters("bagging_seed 7 seed 42").baggingSeed == 7)
        #expect(try parameters("seed 42 bagging_seed 7").baggingSeed == 7)
    }

    @Test("The generator steps as a 32-bit linear congruence")
    func steps() {
        // 214013 * 1 + 2531011 = 2745024; its high half is 41.
        var generator = RandomGenerator(seed: 1)
        #expect(generator.short(from: 0, below: 32767) == 41)
        var same = RandomGenerator(seed: 1)
        #expect(same.integer(from: 10, below: 1_000_000_000) == 2_745_024 + 10)
        var unit = RandomGenerator(seed: 1)
        #expect(unit.unit() == 41.0 / 32768)
    }

    @Test("A sample is ascending, without repetition and of the wanted size", arguments: [1, 2, 5, 20, 64])
    func sample(total: Int) {
        for count in 0...total {
            for seed in 0..<5 {
                var generator = RandomGenerator(seed: seed)
                let drawn = generator.sample(count, of: total)
                #expect(drawn.count == count)
                #expect(zip(drawn, drawn.dropFirst()).allSatisfy { $0 < $1 })
                #expect(drawn.allSatisfy { (0..<total).contains($0) })
            }
        }
    }

    @Test("A bag and its complement are all rows in order, and a block of 1,024 does not depend on other rows")
    func bag() throws {
        let some = try parameters("bagging_fraction 0.7 bagging_freq 1")
        var long = try #require(RowBagging(some, rowCount: 3000))
        var short = try #require(RowBagging(some, rowCount: 1500))
        let inBag = UnsafeMutablePointer<Int32>.allocate(capacity: 3000)
        let outOfBag = UnsafeMutablePointer<Int32>.allocate(capacity: 3000)
        defer { inBag.deallocate(); outOfBag.deallocate() }
        for _ in 0..<3 {
            let count = long.draw(rowCount: 3000, inBag: inBag, outOfBag: outOfBag)
            let drawn = (0..<count).map { inBag[$0] }
            let others = (0..<(3000 - count)).map { outOfBag[$0] }
            #expect((drawn + others).sorted() == (0..<3000).map { Int32($0) })
            #expect(drawn == drawn.sorted() && others == others.sorted())
            #expect((1900...2300).contains(count))
            let shortCount = short.draw(rowCount: 1500, inBag: inBag, outOfBag: outOfBag)
            let shared = (0..<shortCount).map { inBag[$0] }.filter { $0 < 1024 }
            #expect(shared == drawn.filter { $0 < 1024 })
        }
    }
}
