import ZLColumnar

/// Window calls over one partition, whose arguments, filter and frame are the same: window sums that several of them want are computed
/// once. The results are those of the calls by themselves.
package struct SharedSums {
    /// What a call writes its results with, once the sums are there.
    package struct Writer {
        let writer: any BlockWriter
    }

    private var passes: [[any BlockWriter]] = []

    package init() {}

    package mutating func add(_ writer: Writer) {
        if let place = passes.firstIndex(where: { MomentPass.isShared($0[0], writer.writer) }) {
            passes[place].append(writer.writer)
        } else {
            passes.append([writer.writer])
        }
    }

    /// Writes the results of `targets` of all calls.
    package func write(_ targets: Range<Int>) {
        for writers in passes { MomentPass.run(writers, targets) }
    }
}
