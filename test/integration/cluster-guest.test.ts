// Clusters whose control plane answers. It has the one address of this machine that a guest can have, so that these
// run one after the other where other files run side by side.
import "./guest/bootstrap.suite.ts";
import "./guest/crashes.suite.ts";
import "./guest/deletion.suite.ts";
import "./guest/life.suite.ts";
