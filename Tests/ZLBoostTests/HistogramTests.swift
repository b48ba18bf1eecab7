import CKernels
import Testing

@testable import ZLBoost

@Suite("Histograms of groups of columns")
struct HistogramTests {
    /// Columns of all kinds: with bins of missing values that are tried on both sides or are not, without, of many and of few bins.
    private static func columns(_ count: Int, most: Int, _ random: inout TestRandom) -> [ColumnLayout] {
        (0..<count).map { number in
            let missing: MissingType = [.none, .nan, .nan, .zero][random.integer(below: 4)]
            let bins = 2 + random.integer(below: random.integer(below: 3) == 0 ? 3 : most - 1)
            let frequent = random.integer(below: 2) == 0 ? 0 : random.integer(below: bins)
            return ColumnLayout(feature: number, binCount: bins, defaultBin: frequent, mostFrequentBin: frequent, missingType: missing)
        }
    }

    /// Rows in columns, and what is summed of them.
    private struct Rows {
        let bins: [[Int]]
        let columns: BinColumns
        let pairs: [GradientPair]

        init(
            _ layouts: [ColumnLayout], count: Int, width: BinColumns.Width, _ random: inout TestRandom,
            gradient: (inout TestRandom, Int) -> Float = { random, bin in Float(random.unit() - 0.5 + Double(bin % 7) / 20) },
            hessian: (inout TestRandom) -> Float = { _ in 1 }
        ) {
            bins = layouts.map { layout in (0..<count).map { _ in random.integer(below: layout.binCount) } }
            columns = BinColumns(width: width, rowCount: count, columnCount: layouts.count)
            for (column, values) in bins.enumerated() {
                for (row, bin) in values.enumerated() {
                    if width == .byte { columns.bytes(column)[row] = UInt8(bin) } else { columns.words(column)[row] = UInt16(bin) }
                }
            }
            var pairs: [GradientPair] = []
            for row in 0..<count {
                let gradient = gradient(&random, bins[0][row])
                pairs.append(GradientPair(gradient: gradient, hessian: hessian(&random)))
            }
            self.pairs = pairs
        }

        func sums(_ rows: [Int32]) -> LeafSums {
            rows.reduce(into: LeafSums(gradient: 0, hessian: 0, count: rows.count)) {
                $0.gradient += Double(pairs[Int($1)].gradient)
                $0.hessian += Double(pairs[Int($1)].hessian)
            }
        }

        /// One column's histogram, row after row, and its most frequent bin as what the others leave.
        func naive(_ rows: [Int32], _ column: ColumnLayout, of leaf: LeafSums?) -> [HistogramEntry] {
            var entries = Array(repeating: HistogramEntry(gradient: 0, hessian: 0), count: column.binCount)
            for row in rows {
                entries[bins[column.feature][Int(row)]].gradient += Double(pairs[Int(row)].gradient)
                entries[bins[column.feature][Int(row)]].hessian += Double(pairs[Int(row)].hessian)
            }
            guard let leaf else { return entries }
            var rest = HistogramEntry(gradient: leaf.gradient, hessian: leaf.hessian)
            for bin in entries.indices where bin != column.mostFrequentBin {
                rest.gradient -= entries[bin].gradient
                rest.hessian -= entries[bin].hessian
            }
            entries[column.mostFrequentBin] = column.mostFrequentBin == 0 ? HistogramEntry(gradient: 0, hessian: 0) : rest
            return entries
        }
    }

    private static func summed(_ rows: [Int32], of data: Rows, _ layout: HistogramLayout, _ rowBins: RowBins, of leaf: LeafSums?)
        -> UnsafeMutablePointer<HistogramEntry>
    {
        let histograms = HistogramPool.allocate(layout.entryCount)
        histograms.initialize(repeating: HistogramEntry(gradient: .nan, hessian: .nan), count: layout.entryCount)
        layout.groups.withUnsafeBufferPointer { groups in
            rows.withUnsafeBufferPointer { Histogram.sum(rowBins, rows: $0, pairs: data.pairs, groups: groups, into: histograms) }
            if let leaf { Histogram.completeMostFrequentBins(histograms, groups, sums: leaf) }
        }
        return histograms
    }

    @Test("Every bin of every column has a place of its own, and NaNs of two-sided columns have the last one of their group")
    func layout() {
        for seed in 0..<50 {
            var random = TestRandom(UInt64(seed))
            let columns = Self.columns(random.integer(below: 14), most: 40, &random)
            let layout = HistogramLayout(columns, width: .byte)
            var taken: Set<Int> = []
            for (number, column) in columns.enumerated() {
                for bin in 0..<column.binCount { #expect(taken.insert(layout.entry(of: bin, in: number)).inserted) }
                let group = layout.groups[layout.position(of: number) / 4]
                let isTwoSided = column.missingType == .nan && column.binCount > 2
                if isTwoSided { #expect(layout.place(of: column.binCount - 1, in: number) == group.count - 1) }
                #expect((group.is_two_sided == 1) == isTwoSided)
                #expect(layout.members[layout.position(of: number) / 4][layout.position(of: number) % 4] == number)
            }
            #expect(taken.allSatisfy { $0 < layout.entryCount })
            #expect(layout.groups.allSatisfy { $0.count >= 2 && $0.count <= layout.widest })
        }
    }

    /// One block of rows, several, and none; bins of a byte and of two.
    @Test("Histograms are sums over rows, one after the other, to the bit", arguments: [BinColumns.Width.byte, .word])
    func sums(width: BinColumns.Width) throws {
        var random = TestRandom(5)
        for count in [0, 1, 2, 3, 17, 511, 512, 513, 1300] {
            let layouts = Self.columns(1 + random.integer(below: 11), most: width == .byte ? 255 : 400, &random)
            let layout = HistogramLayout(layouts, width: width)
            let data = Rows(layouts, count: 1500, width: width, &random, hessian: { Float($0.unit()) })
            let rowBins = try RowBins(data.columns, layout, threads: 2)
            let rows = Array((0..<Int32(1500)).filter { _ in random.unit() < 0.9 }.prefix(count))
            for leaf in [nil, data.sums(rows)] {
                let histograms = Self.summed(rows, of: data, layout, rowBins, of: leaf)
                defer { histograms.deallocate() }
                for (number, column) in layouts.enumerated() {
                    let expected = data.naive(rows, column, of: leaf)
                    for bin in 0..<column.binCount {
                        let entry = histograms[layout.entry(of: bin, in: number)]
                        #expect(entry.gradient == expected[bin].gradient && entry.hessian == expected[bin].hessian, "\(count) \(number) \(bin)")
                    }
                }
            }
        }
    }

    @Test("A leaf that is only subtracted leaves the same of its parent, and zeros behind", arguments: [BinColumns.Width.byte, .word])
    func subtractOnly(width: BinColumns.Width) throws {
        var random = TestRandom(6)
        let finder = SplitFinder(try parameters(""), isConstantHessian: true)
        for count in [0, 1, 17, 40, 512, 600] {
            let layouts = Self.columns(1 + random.integer(below: 11), most: width == .byte ? 255 : 400, &random)
            let layout = HistogramLayout(layouts, width: width)
            let data = Rows(layouts, count: 900, width: width, &random)
            let rowBins = try RowBins(data.columns, layout, threads: 1)
            let all = (0..<Int32(900)).map { $0 }
            let rows = Array(all.filter { _ in random.unit() < 0.7 }.prefix(count))
            let sums = data.sums(rows)
            let parents = [0, 1].map { _ in Self.summed(all, of: data, layout, rowBins, of: data.sums(all)) }
            let children = [0, 1].map { _ in Self.summed(rows, of: data, layout, rowBins, of: sums) }
            defer { for pointer in parents + children { pointer.deallocate() } }
            var terms = finder.terms(sums)
            var parentTerms = finder.terms(data.sums(all))
            for var group in layout.groups {
                var estimates = [[0.0, 0, 0, 0], [0.0, 0, 0, 0]]
                var ofChild = [0.0, 0, 0, 0]
                zl_subtract_group(
                    Histogram.sumsOf(children[0]), Histogram.sumsOf(parents[0]), &group, &terms, &parentTerms, &ofChild, &estimates[0])
                zl_subtract_group(
                    Histogram.sumsOf(children[1]), Histogram.sumsOf(parents[1]), &group, nil, &parentTerms, nil, &estimates[1])
                #expect(estimates[0].map(\.bitPattern) == estimates[1].map(\.bitPattern))
            }
            func bits(_ entries: UnsafeMutablePointer<HistogramEntry>) -> [UInt64] {
                (0..<layout.entryCount).flatMap { [entries[$0].gradient.bitPattern, entries[$0].hessian.bitPattern] }
            }
            #expect(bits(parents[0]) == bits(parents[1]), "\(count)")
            #expect(bits(children[1]).allSatisfy { $0 == 0 })
            layout.groups.withUnsafeBufferPointer { groups in
                rows.withUnsafeBufferPointer {
                    Histogram.sum(rowBins, rows: $0, pairs: data.pairs, groups: groups, into: children[1], isClear: true)
                }
                Histogram.completeMostFrequentBins(children[1], groups, sums: sums)
            }
            #expect(bits(children[0]) == bits(children[1]), "\(count)")
        }
    }

    /// What the two leaves' estimates and histograms have to be, from the naive histograms.
    @Test(
        "Columns searched together give the splits of columns scanned bin by bin, to the bit, in a leaf and in what is left of its parent",
        arguments: [("", true), ("lambda_l1 0.3", false), ("lambda_l2 0.7", true), ("min_gain_to_split 0.5", true), ("min_sum_hessian_in_leaf 0", false)])
    func searchTogether(settings: String, estimated: Bool) throws {
        var found = 0
        for seed in 0..<150 {
            var random = TestRandom(UInt64(seed) + 77)
            let parameters = try parameters("min_data_in_leaf \(random.integer(below: 30)) \(settings)")
            let finder = SplitFinder(parameters, isConstantHessian: true)
            #expect(finder.allowsEstimates == estimated)
            let layouts = Self.columns(1 + random.integer(below: 11), most: 60, &random)
            let layout = HistogramLayout(layouts, width: .byte)
            let data = Rows(layouts, count: 40 + random.integer(below: 300), width: .byte, &random) { random, bin in
                let gradient = Float(random.unit() - 0.5 + Double(bin % 7) / 20)
                switch seed % 6 {
                // Few values, so that gains tie.
                case 0: return Float(random.integer(below: 3) - 1)
                case 1: return gradient * 1e30
                case 2: return gradient * 1e-38
                case 3: return random.integer(below: 500) == 0 ? .infinity : gradient
                default: return gradient
                }
            }
            let rowBins = try RowBins(data.columns, layout, threads: 1)
            let all = (0..<Int32(data.pairs.count)).map { $0 }
            let child = all.filter { _ in random.unit() < 0.4 }
            let parentSums = data.sums(all)
            let childSums = data.sums(child)
            let siblingSums = LeafSums(
                gradient: parentSums.gradient - childSums.gradient, hessian: parentSums.hessian - childSums.hessian,
                count: all.count - child.count)
            let parents = Self.summed(all, of: data, layout, rowBins, of: parentSums)
            let children = Self.summed(child, of: data, layout, rowBins, of: childSums)
            defer { parents.deallocate() }
            defer { children.deallocate() }
            var expected: [(leaf: LeafSums, best: SplitCandidate, flags: [Bool])] = []
            for (leaf, isSibling) in [(childSums, false), (siblingSums, true)] {
                var best = SplitCandidate()
                var flags: [Bool] = []
                for (number, column) in layouts.enumerated() {
                    var histogram = data.naive(child, column, of: childSums)
                    if isSibling {
                        let whole = data.naive(all, column, of: parentSums)
                        for bin in histogram.indices {
                            histogram[bin].gradient = whole[bin].gradient - histogram[bin].gradient
                            histogram[bin].hessian = whole[bin].hessian - histogram[bin].hessian
                        }
                    }
                    flags.append(
                        finder.search(
                            histogram, column, index: number, leaf: leaf, candidates: SplitCandidates(binCount: 64), best: &best))
                }
                expected.append((leaf, best, flags))
            }
            let active = layout.groups.indices.map { group in
                ActiveGroup(group: group, lanes: (0..<4).reduce(0) { layout.members[group][$1] >= 0 ? $0 | 1 << UInt8($1) : $0 })
            }
            var estimates = [[Double]](repeating: Array(repeating: 0, count: layout.groups.count * 4), count: 2)
            for (number, group) in layout.groups.enumerated() {
                guard estimated else {
                    Histogram.subtract(children, from: parents, group)
                    continue
                }
                var group = group
                var terms = finder.terms(childSums)
                var siblingTerms = finder.terms(siblingSums)
                var largest = [0.0, 0, 0, 0]
                var siblingLargest = [0.0, 0, 0, 0]
                zl_subtract_group(
                    Histogram.sumsOf(children), Histogram.sumsOf(parents), &group, &terms, &siblingTerms, &largest, &siblingLargest)
                var alone = [0.0, 0, 0, 0]
                zl_group_estimates(Histogram.sumsOf(children), &group, &terms, &alone)
                #expect(alone.map(\.bitPattern) == largest.map(\.bitPattern))
                estimates[0].replaceSubrange(number * 4..<number * 4 + 4, with: largest)
                estimates[1].replaceSubrange(number * 4..<number * 4 + 4, with: siblingLargest)
            }
            for (index, histograms) in [children, parents].enumerated() {
                var best = SplitCandidate()
                var flags = [Bool](repeating: false, count: layouts.count)
                active.withUnsafeBufferPointer { active in
                    SplitSearch(finder, layout).search(
                        active, histograms, leaf: expected[index].leaf, estimates: estimated ? estimates[index] : nil, best: &best,
                        isSplittable: &flags)
                }
                let wanted = expected[index].best
                #expect(flags == expected[index].flags, "seed \(seed)")
                #expect(best.column == wanted.column && best.threshold == wanted.threshold && best.defaultLeft == wanted.defaultLeft)
                #expect(best.left.count == wanted.left.count && best.right.count == wanted.right.count)
                func bits(_ candidate: SplitCandidate) -> [UInt64] {
                    [
                        candidate.gain, candidate.leftOutput, candidate.rightOutput, candidate.left.gradient, candidate.left.hessian,
                        candidate.right.gradient, candidate.right.hessian,
                    ].map(\.bitPattern)
                }
                #expect(bits(best) == bits(wanted))
                if wanted.column >= 0 { found += 1 }
            }
        }
        #expect(found > 100)
    }
}
