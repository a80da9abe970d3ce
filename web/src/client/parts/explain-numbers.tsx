/** What the numbers mean and what they are not. */
export function ExplainNumbers() {
  return (
    <details class="explain">
      <summary>What the numbers mean, and what they do not</summary>
      <ul>
        <li>
          A percentage says how often such an answer is right on pictures like those that the networks learned from. At 60 % it is wrong
          four times in ten.
        </li>
        <li>
          <strong>Age</strong> is how old a face looks in this picture. The line below the chart is a range that is meant to hold the true
          age for 8 of 10 faces; “Models” says how often it did. Light, make-up and blur move it. The groups leave gaps, and a year in a gap
          counts for the nearer group: 23 for 25-32.
        </li>
        <li>
          <strong>Gender</strong> is how people labelled similar pictures, in two words. It is not anyone's identity.
        </li>
        <li>
          <strong>Mood</strong> is the expression of a face at one moment, not what someone feels.
        </li>
        <li>Do not decide about people with it. In the European Union, inferring emotions at work and in schools is forbidden.</li>
      </ul>
    </details>
  );
}
