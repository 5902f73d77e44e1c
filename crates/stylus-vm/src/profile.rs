//! Where ink goes: a tree of places that is built while programs run.
//!
//! A profile spans a whole transaction. The chain opens places of its own (frames, fixed costs) around runs, runs open
//! a place for each WASM function and host function, and whoever spends ink spends it on the place on top. Calls of the
//! same place from the same place are one node, so that loops do not make the tree grow.

/// A place that ink can be spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// A place that the chain numbers and knows: the transaction, a frame, a fixed cost.
    Chain(u32),
    /// A local function by its index in the deployed module.
    Function(u32),
    /// A host function by its name.
    Host(&'static str),
}

/// A place reached by one path of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The place.
    pub site: Site,
    /// The node that called it; `None` for the root.
    pub parent: Option<usize>,
    /// How often it was called by this path.
    pub calls: u64,
    /// Ink spent here and not in a callee. Negative only where a callee used more than its caller paid, which takes the
    /// stipend of a call with value in a frame that then runs out.
    pub ink: i128,
    /// The nodes that it called.
    pub children: Vec<usize>,
}

/// The tree, and the path to the place that is running. Node 0 is the root; parents come before their children.
#[derive(Clone, Debug)]
pub struct Profile {
    nodes: Vec<Node>,
    stack: Vec<usize>,
    spent: i128,
}

/// Most nodes of a tree. Calls that would add more count for the node that is on top already.
const MOST_NODES: usize = 1 << 18;

impl Profile {
    /// A tree whose root is running.
    #[must_use]
    pub fn new(root: Site) -> Self {
        let root = Node { site: root, parent: None, calls: 1, ink: 0, children: Vec::new() };
        Self { nodes: vec![root], stack: vec![0], spent: 0 }
    }

    /// Calls a place from the one on top.
    pub fn open(&mut self, site: Site) {
        let top = self.top();
        let known = self.nodes[top].children.iter().copied().find(|&child| self.nodes[child].site == site);
        let node = match known {
            Some(node) => node,
            None if self.nodes.len() >= MOST_NODES => {
                self.stack.push(top);
                return;
            }
            None => {
                let node = self.nodes.len();
                self.nodes.push(Node { site, parent: Some(top), calls: 0, ink: 0, children: Vec::new() });
                self.nodes[top].children.push(node);
                node
            }
        };
        self.nodes[node].calls += 1;
        self.stack.push(node);
    }

    /// Leaves the place on top. The root stays.
    pub fn close(&mut self) {
        self.close_to(self.depth().saturating_sub(1));
    }

    /// Leaves places until `depth` are open.
    pub fn close_to(&mut self, depth: usize) {
        self.stack.truncate(depth.max(1));
    }

    /// Number of open places.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Spends ink on the place on top.
    pub fn spend(&mut self, ink: impl Into<i128>) {
        let (top, ink) = (self.top(), ink.into());
        self.nodes[top].ink += ink;
        self.spent += ink;
    }

    /// Ink spent so far, on all places.
    #[must_use]
    pub const fn spent(&self) -> i128 {
        self.spent
    }

    /// The nodes; parents come before their children.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn top(&self) -> usize {
        self.stack.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spend_goes_to_the_place_on_top_and_paths_are_merged() {
        let mut profile = Profile::new(Site::Chain(0));
        for ink in [5, 7] {
            profile.open(Site::Function(3));
            profile.spend(ink);
            profile.open(Site::Host("read_args"));
            profile.spend(100);
            profile.close();
            profile.spend(1);
            profile.close();
        }
        profile.spend(2);
        // the root cannot be left
        profile.close();
        profile.open(Site::Host("read_args"));
        profile.spend(-3);
        let shape: Vec<_> = profile.nodes().iter().map(|n| (n.site, n.parent, n.calls, n.ink)).collect();
        let expected = [
            (Site::Chain(0), None, 1, 2),
            (Site::Function(3), Some(0), 2, 5 + 1 + 7 + 1),
            (Site::Host("read_args"), Some(1), 2, 200),
            (Site::Host("read_args"), Some(0), 1, -3),
        ];
        assert_eq!(shape, expected);
        assert_eq!(profile.spent(), 2 + 14 + 200 - 3);
        assert_eq!(profile.nodes()[0].children, [1, 3]);
    }

    #[test]
    fn open_beyond_the_bound_counts_for_the_caller() {
        let mut profile = Profile::new(Site::Chain(0));
        for function in 0..MOST_NODES as u32 + 5 {
            profile.open(Site::Function(function));
            profile.spend(1);
        }
        assert_eq!(profile.nodes().len(), MOST_NODES);
        assert_eq!(profile.nodes().last().unwrap().ink, 1 + 6);
        assert_eq!(profile.depth(), MOST_NODES + 6);
        profile.close_to(2);
        profile.spend(1);
        assert_eq!(profile.nodes()[1].ink, 2);
    }
}
